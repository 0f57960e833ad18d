"""`python -m showctl.service RUNTIME_DIRECTORY --fd N --tcp N`: see `showctl.service.process`."""

from showctl.service.process import main

main()
