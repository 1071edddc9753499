"""Streams over one connection: what exec, attach and port-forward speak with their clients.

wire            a connection that was upgraded, as the server gives it: WebSocket messages, or raw bytes
spdy            SPDY/3.1: frames, and streams with headers (Go clients upgrade to it, or tunnel it through a WebSocket)
channels        channel.k8s.io: WebSocket messages whose first byte is the channel's number
remotecommand   standard input, output, error and the end of a command over either
onestream       binary.k8s.io: one stream that is only read, as WebSocket messages
portforward     pairs of data and error streams for ports over either
"""
