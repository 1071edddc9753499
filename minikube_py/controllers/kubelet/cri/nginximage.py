"""What the image of nginx has in it, and how it is known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from minikube_py.controllers.kubelet.image import program_name

PORT = 80
HTML = "/usr/share/nginx/html"
CONFIGURATION = "/etc/nginx/nginx.conf"
LATEST = "1.29.3"
_version = re.compile(r":(\d+\.\d+\.\d+)(?![^-@])").search

WELCOME = b"""<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
"""
_SERVER = b"""server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }
}
"""
FILES: Mapping[str, bytes] = {
    f"{HTML}/index.html": WELCOME,
    CONFIGURATION: b"events {}\n\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n",
    "/etc/nginx/conf.d/default.conf": _SERVER,
}


def is_nginx(image: str) -> bool:
    return program_name(image) == "nginx"


def version_of(image: str) -> str:
    """By its tag, where that tells one."""
    match = _version(image)
    return match[1] if match else LATEST
