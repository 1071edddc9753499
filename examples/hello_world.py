"""hello-world, program and all: what runs in the containers of hello-world.yaml.

    minikube-py serve --images examples/hello_world.py
    kubectl --server=localhost:8080 apply -f examples/hello-world.yaml
    kubectl --server=localhost:8080 port-forward svc/hello-world 8081:80
    curl localhost:8081

In a test: Cluster(images=IMAGES), or @pytest.mark.cluster(images=IMAGES).
"""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter

from minikube_py.images import Container


async def hello_world(container: Container) -> None:
    """A TCP server that says hello to whoever connects, as HTTP, so that browsers understand it too."""
    config = (await container.files.read("/etc/hello-world/hello-world.config")).decode()
    port = int(config.rpartition(":")[2])
    greeting = await container.files.read("/etc/hello-world/hello-world.data")

    async def greet(reader: StreamReader, writer: StreamWriter) -> None:
        head = f"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(greeting)}\r\n\r\n"
        writer.write(head.encode() + greeting)
        await writer.drain()
        writer.close()
        container.print("said hello")

    container.serve(port, greet)
    container.print(f"listening on {port}")
    await container.forever()


IMAGES = {"k8s.gcr.io/my-project/hello-world:*": hello_world}
