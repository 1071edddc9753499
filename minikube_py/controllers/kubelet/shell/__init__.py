"""A small POSIX shell and the programs that go with it, run by coroutines on files in memory.

    session = Session(env, "/", files, stdin, stdout, stderr, hostname, clock.now, clock.sleep, COMMANDS)
    code = await run(session, ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 1; done"])

    words.py, parser.py     text -> syntax.py
    expansion.py            words -> fields
    interpreter.py          runs it, with compound.py; state.py is what it remembers, builtins.py what changes that
    commands/, table.py     programs, which see a Session and no shell
    understanding.py        whether a command is made of nothing else

No process is started, no disk is read, and time is the session's. What it says is what busybox's ash and programs say.
"""

from minikube_py.controllers.kubelet.shell.running import interactive, run
from minikube_py.controllers.kubelet.shell.session import Command, Complaint, Session, Signals
from minikube_py.controllers.kubelet.shell.table import COMMANDS
from minikube_py.controllers.kubelet.shell.understanding import understands

__all__ = ["COMMANDS", "Command", "Complaint", "Session", "Signals", "interactive", "run", "understands"]
