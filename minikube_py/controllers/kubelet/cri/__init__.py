"""The container runtime: what runs in containers, and what they see.

runtime              all containers of a cluster; what the kubelet and its doors have of them
images, programs     which program a container runs: its image's, or the shell
process              a program as a task: its exit code, SIGTERM, SIGKILL; processes are all that run in a container
container            what a program sees; commands from outside run in the same
executing, terminal  exec and attach
probing, hooks       probes and hooks, as programs answer them; httpget is what both ask by
log                  what they write
environment          their environment variables; downward is what these and files tell of the pod itself
filesystem           what they see as files: directory in memory, mounts and volumes within it, and atomicwriter for
                     what the API tells
network, wires       addresses and ports, and the connections between them
serviceproxy         from a Service's name and address to an endpoint's, with affinity where a client stays with one
netcommands          nc, nslookup, curl and wget, which make a transfer
greeting             what answers on the ports of containers without a program; nginx what its image would, nginximage
                     what that has in it

A container without a program has none of it until somebody looks in.
"""
