"""The container runtime: what runs in containers, and what they see.

runtime              all containers of a cluster; what the kubelet and its doors have of them
images, programs     which program a container runs: its image's, or the shell
process              a program as a task: its exit code, SIGTERM, SIGKILL; processes are all that run in a container
imageconfig          what known images start with, and what they have in them: nginx, nginximage, agnhost
container            what a program sees; commands from outside run in the same
executing, terminal  exec and attach
probing, hooks       probes and hooks, as programs answer them; httpget is what both ask by, grpchealth the other way
log                  what they write
environment          their environment variables; downward is what these and files tell of the pod itself
filesystem           what they see as files: directory in memory, mounts and volumes within it, atomicwriter for what
                     the API tells, and ownership for whose they are; hosts and resolvconf are in all of them
network, wires       addresses and ports, and the connections between them; datagrams for UDP
httpserver           what serves HTTP on such a connection
serviceproxy         from a Service's name and address to an endpoint's, by trafficpolicy, with affinity where a client
                     stays with one; healthcheck tells load balancers where endpoints are
clusterdns           the records of the cluster's DNS
netcommands          nc, nslookup, curl and wget, which make a transfer; dig and getent are in digging
greeting             what answers on the ports of containers without a program; nginx what its image would

A container without a program has none of it until somebody looks in.
"""
