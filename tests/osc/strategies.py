"""What hypothesis makes messages of."""

from __future__ import annotations

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)
ADDRESS = TEXT.map(lambda text: "/" + "".join(filter(str.isprintable, text)))
