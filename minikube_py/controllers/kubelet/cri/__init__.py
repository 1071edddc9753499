"""The container runtime: what runs in containers, and what they see.

runtime              all containers of a cluster; what the kubelet and its doors have of them
images, programs     which program a container runs: its image's, or the shell
process              a program as a task: its exit code, SIGTERM, SIGKILL
container            what a program sees; commands from outside run in the same
executing, terminal  exec and attach
probing, hooks       probes and hooks, as programs answer them; httpget is what both ask by
log                  what they write
environment          their environment variables; downward is what these and files tell of the pod itself
filesystem           what they see as files: directory in memory, mounts and volumes within it
network, wires       addresses and ports, and the connections between them
serviceproxy         from a Service's name and address to an endpoint's
netcommands          wget, curl, nc, nslookup
greeting             what answers on the ports of containers without a program

A container without a program has none of it until somebody looks in.
"""
