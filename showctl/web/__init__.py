"""The service over HTTP: OSCQuery, its WebSocket, and what a browser asks for.

tree        the address tree as OSCQuery describes it
query       one request to it, answered
changes     what a client must be told when the tree changes
origins     who may open a WebSocket
listening   all WebSockets, and who listens to what
visitors    who may see anything
push        what TouchOSC Mk1 fetches
pages       what is shown and answered outside OSCQuery
app         addresses to answers
server      the server, and what it bears
"""
