"""What the programs do: script, stdout, stderr, exit code.

Each is run by "sh -c" on a machine of tests/kubelet/shellsession.py.
"""

from __future__ import annotations

import pytest

from tests.kubelet.shellsession import Done, Machine


@pytest.mark.parametrize(
    ("script", "out", "err", "code"),
    [
        pytest.param(
            (
                "cd /tmp; sed s/[xy]/-/ a.txt; sed -n '2p;$p' a.txt; sed '/y/d' a.txt; sed '2,3!s/x/&&/' a.txt; "
                "seq 6 | sed -n '/2/,/4/p'; seq 3 | sed 2q; echo aXbXc | sed 's/X/\\n/2;s|a|/|'; echo ab | sed -E "
                "'s/(a)(b)/\\2\\1\\&/'; echo aaa | sed 's/a/b/g;y/b/c/'; sed -i -e s/y/Y/ a.txt; cat a.txt; seq 2 | "
                "sed -e '1i top' -e '$a end' -e 2c\\two; echo 'A/b' | sed 's/a\\/B/x/I;=' | sed 's/^/> /'; "
                "printf a | sed s/a/b/; echo; sed; sed 'k'; sed 's/a'; sed p /none"
            ),
            "-\n-\nz\ny\nz\nx\nz\nxx\ny\nz\n2\n3\n4\n1\n2\n/Xb\nc\nba&\nccc\nx\nY\nz\ntop\n1\ntwo\nend\n> 1\n> x\nb\n",
            "sed: missing operand\nsed: unsupported command k\nsed: unmatched '/'\n"
            "sed: can't open '/none': No such file or directory\n",
            1,
            id="sed",
        ),
        pytest.param(
            (
                "echo \"a\\nb\" 'x  y'; echo -e \"a\\nb\\c d\"; echo; echo -n a; echo -ne 'b\\t\\n'; "
                "echo -e '\\x41\\0102\\\\ \\q'; echo -E 'a\\n'; echo -x -- -n; echo -en 'end\\n'"
            ),
            "a\\nb x  y\na\nb\nab\t\nAB\\ \\q\na\\n\n-x -- -n\nend\n",
            "",
            0,
            id="echo",
        ),
        pytest.param(
            (
                "printf 'x\\ty\\n'; printf '%s-%d\\n' a 1 b 2; "
                "printf '%5.1f|%-4s|%04d|%x|%o|%%|%c|%+d\\n' 3.14159 ab 7 255 8 hello 5; "
                "printf '%b|%s\\n' 'a\\tb' 'a\\tb'; printf '%s,' 1 2 3; printf '\\n%*s|%.2s\\n' 4 a hello; "
                "printf '%s\\n'; printf '%d\\n' 0x10 010; printf -- '-%s-\\n' x; printf 'a\\n' extra"
            ),
            "x\ty\na-1\nb-2\n  3.1|ab  |0007|ff|10|%|h|+5\na\tb|a\\tb\n1,2,3,\n   a|he\n\n16\n8\n-x-\na\n",
            "",
            0,
            id="printf",
        ),
        pytest.param(
            (
                "printf 'ab\\336\\312' | hexdump -C; printf abc | hexdump; printf '%048d' 0 > /tmp/z; "
                "hexdump -s 15 -n 34 /tmp/z; hexdump -C /nosuch"
            ),
            "00000000  61 62 de ca                                       |ab..|\n00000004\n"
            "0000000 6261 0063\n0000003\n000000f 3030 3030 3030 3030 3030 3030 3030 3030\n*\n"
            "000002f 0030\n0000030\n",
            "hexdump: /nosuch: No such file or directory\n",
            1,
            id="hexdump",
        ),
        pytest.param(
            (
                "printf 0123456789 > /tmp/d; dd if=/tmp/d bs=2 skip=1 count=2; echo; "
                "dd if=/tmp/d of=/tmp/e bs=4 seek=1 count=1 status=none; wc -c < /tmp/e; "
                "printf ab | dd of=/tmp/d conv=notrunc status=none; cat /tmp/d; echo; "
                "dd if=/nosuch; dd bs=x; dd x=y"
            ),
            "2345\n8\nab23456789\n",
            "2+0 records in\n2+0 records out\n4 bytes copied, 0.000000 seconds, 0.0B/s\n"
            "dd: can't open '/nosuch': No such file or directory\ndd: invalid number 'x'\n"
            "dd: unrecognized operand 'x'\n",
            1,
            id="dd",
        ),
        pytest.param(
            (
                "a=$(mktemp); b=$(mktemp); test $a != $b && stat -c %a $a; d=$(mktemp -d /tmp/my.XXXXXXXX); "
                "stat -c '%a %F' $d; echo ${#d}; test -e $(mktemp -u) || echo none; mktemp x"
            ),
            "600\n700 directory\n16\nnone\n",
            "mktemp: Invalid argument: x\n",
            1,
            id="mktemp",
        ),
        pytest.param(
            (
                "md5sum /tmp/b.txt; sha1sum < /tmp/b.txt; sha256sum /tmp/a.txt > /tmp/sums; sha256sum -c /tmp/sums; "
                "echo >> /tmp/a.txt; sha256sum -c -s /tmp/sums; sha512sum /nosuch"
            ),
            "b026324c6904b2a9cb4b88d6d61c81d1  /tmp/b.txt\ne5fa44f2b31c1fb553b6021e7360d07d5d91ff5e  -\n"
            "/tmp/a.txt: OK\n/tmp/a.txt: FAILED\n",
            "sha256sum: WARNING: 1 of 1 computed checksums did NOT match\n"
            "sha512sum: can't open '/nosuch': No such file or directory\n",
            1,
            id="sums",
        ),
        pytest.param(
            (
                "expr 7 % 2; expr 2 + 3 \\* 4 - 1; expr '(' 2 + 3 ')' / -2; expr a = b; expr 10 '>' 9; expr b '<' a; "
                "expr abc : 'a\\(.\\)'; expr abc : 'ab'; expr abc : x; expr length abc; expr substr abcd 2 2; "
                "expr index abc cb; expr '' '|' x; expr 0 '&' 1; expr + length; "
                "expr 4 % 2 > /dev/null; echo $?; expr 1 / 0; echo $?; expr 1 +; expr a + 1; expr; expr 1 2"
            ),
            "1\n13\n-2\n0\n1\n0\nb\n2\n0\n3\nbc\n2\nx\n0\nlength\n1\n2\n",
            "expr: division by zero\nexpr: syntax error\nexpr: non-numeric argument\nexpr: too few arguments\n"
            "expr: syntax error\n",
            2,
            id="expr",
        ),
        pytest.param(
            "printf '%d\\n' abc; echo $?; printf; echo $?; printf '%z\\n' 1; echo $?",
            "0\n1\n2\n1\n",
            "printf: invalid number 'abc'\nprintf: usage: printf FORMAT [ARG]...\nprintf: %z: invalid format\n",
            0,
            id="printf-errors",
        ),
        pytest.param(
            "seq 3; seq 3 -1 1; seq 1 2 6; seq -s, 3; seq 0.5 0.5 1.5; seq 3 1; seq -w 8 10; seq x; seq 1 0 2; seq",
            "1\n2\n3\n3\n2\n1\n1\n3\n5\n1,2,3\n0.5\n1.0\n1.5\n08\n09\n10\n",
            "seq: invalid number 'x'\nseq: increment of 0\nseq: missing operand\n",
            1,
            id="seq",
        ),
        pytest.param(
            (
                "cat /etc/hostname /tmp/b.txt; echo in | cat - /tmp/b.txt; cat -n /tmp/a.txt; cat /tmp; "
                "cat /none /tmp/b.txt; echo $?; cat -q; cat /dev/null; echo x | cat /dev/stdin"
            ),
            "web\n1\nin\n1\n     1\tx\n     2\ty\n     3\tz\n1\n1\nx\n",
            (
                "cat: read error: Is a directory\n"
                "cat: can't open '/none': No such file or directory\n"
                "cat: unrecognized option: q\n"
            ),
            0,
            id="cat",
        ),
        pytest.param(
            (
                "head -n1 /tmp/a.txt; head -2 /tmp/a.txt; head -n -1 /tmp/a.txt; head -c 3 /tmp/a.txt; "
                "head -c -4 /tmp/a.txt; head -n 1 /tmp/a.txt /tmp/b.txt; seq 20 | head | tail -1; "
                "head -n 0 /tmp/a.txt; head /none"
            ),
            "x\nx\ny\nx\ny\nx\nyx\n==> /tmp/a.txt <==\nx\n\n==> /tmp/b.txt <==\n1\n10\n",
            "head: can't open '/none': No such file or directory\n",
            1,
            id="head",
        ),
        pytest.param(
            (
                "tail -n 1 /tmp/a.txt; tail -2 /tmp/a.txt; tail -n +2 /tmp/a.txt; tail -c 3 /tmp/a.txt; "
                "tail -c+3 /tmp/a.txt; seq 20 | tail | head -1; tail -n1 /tmp/a.txt /tmp/b.txt; "
                "tail -n x /tmp/a.txt"
            ),
            "z\ny\nz\ny\nz\n\nz\ny\nz\n11\n==> /tmp/a.txt <==\nz\n\n==> /tmp/b.txt <==\n1\n",
            "tail: invalid number 'x'\n",
            1,
            id="tail",
        ),
        pytest.param(
            (
                "wc /tmp/a.txt; wc -l < /tmp/a.txt; wc -c /tmp/a.txt /tmp/b.txt; printf 'a b\\nc' | wc; "
                "printf 'é' | wc -m"
            ),
            (
                "        3         3         6 /tmp/a.txt\n"
                "3\n"
                "6 /tmp/a.txt\n"
                "2 /tmp/b.txt\n"
                "8 total\n"
                "        1         3         5\n"
                "1\n"
            ),
            "",
            0,
            id="wc",
        ),
        pytest.param(
            (
                "echo x | tee /tmp/o /tmp/p; cat /tmp/o /tmp/p; echo y | tee -a /tmp/o > /dev/null; cat /tmp/o; "
                "echo z | tee /none/x; echo $?"
            ),
            "x\nx\nx\nx\ny\nz\n1\n",
            "tee: can't create /none/x: nonexistent directory\n",
            0,
            id="tee",
        ),
        pytest.param(
            (
                "printf '10\\n9\\n1\\n' | sort -n; printf 'b\\na\\nB\\na\\n' | sort; "
                "printf 'b\\na\\nb\\n' | sort -u; printf '1\\n3\\n2\\n' | sort -rn; "
                "printf 'b 1\\na 2\\nc 10\\n' | sort -k2 -n; printf 'x:2\\ny:1\\n' | sort -t: -k2n; sort /none; "
                "sort -k0 /tmp/a.txt"
            ),
            "1\n9\n10\nB\na\na\nb\na\nb\n3\n2\n1\nb 1\na 2\nc 10\ny:1\nx:2\n",
            "sort: can't open '/none': No such file or directory\nsort: bad field specification '0'\n",
            1,
            id="sort",
        ),
        pytest.param(
            (
                "printf 'a\\na\\nb\\na\\n' | uniq; printf 'a\\na\\nb\\n' | uniq -c; "
                "printf 'a\\na\\nb\\n' | uniq -d; printf 'a\\na\\nb\\n' | uniq -u"
            ),
            "a\nb\na\n      2 a\n      1 b\na\nb\n",
            "",
            0,
            id="uniq",
        ),
        pytest.param(
            (
                "printf 'a:b:c\\nplain\\n' | cut -d: -f2,3; printf 'a:b:c\\nplain\\n' | cut -s -d: -f-2; "
                "echo abcdef | cut -c2-3,5-; cut -f0 /tmp/a.txt; cut /tmp/a.txt"
            ),
            "b:c\nplain\na:b\nbcef\n",
            "cut: invalid range '0'\ncut: expected a list of bytes, characters, or fields\n",
            1,
            id="cut",
        ),
        pytest.param(
            (
                "echo hello | tr a-y b-z; echo \"a  b\" | tr -s ' '; echo abc | tr -d b; "
                "echo aBc | tr '[:lower:]' '[:upper:]'; printf 'a\\nb\\n' | tr '\\n' ','; "
                "echo abc1 | tr -cd 'a-z'; echo abc | tr abc x; echo x | tr a"
            ),
            "ifmmp\na b\nac\nABC\na,b,abcxxx\n",
            "tr: missing operand\n",
            1,
            id="tr",
        ),
        pytest.param("echo abc | rev", "cba\n", "", 0, id="rev"),
        pytest.param(
            (
                "grep y /tmp/a.txt; grep -v y /tmp/a.txt; grep -n z /tmp/a.txt; grep -c . /tmp/a.txt; "
                "grep q /tmp/a.txt; echo $?; grep -q x /tmp/a.txt && echo found; grep x /none; echo $?; "
                "echo FOO | grep -i foo; grep 1 /tmp/a.txt /tmp/b.txt; grep -l x /tmp/*.txt; "
                "grep -h 1 /tmp/*.txt; grep -r 1 /tmp"
            ),
            "y\nx\nz\n3:z\n3\n1\nfound\n2\nFOO\n/tmp/b.txt:1\n/tmp/a.txt\n1\n/tmp/b.txt:1\n",
            "grep: can't open '/none': No such file or directory\n",
            0,
            id="grep",
        ),
        pytest.param(
            (
                "echo a | grep -E '^(a|b)$'; echo 'a.b' | grep -F .b; echo xay | grep -o '[ay]'; "
                "echo ab | grep 'a\\|c' ; echo 'a+b' | grep 'a+b'; echo aab | grep -c 'a\\{2\\}'; "
                "echo 'a*' | grep '*'; printf 'foo bar\\nfoobar\\n' | grep -w foo; "
                "printf 'ab\\na\\n' | grep -x a; printf 'a\\nb\\nc\\n' | grep -e a -e c; "
                "echo '[x]' | grep '\\[x\\]'; echo 5 | egrep '[[:digit:]]+'; echo a | fgrep a; "
                "grep -m1 . /tmp/a.txt; grep '[' /tmp/a.txt; echo $?; grep; echo $?"
            ),
            "a\na.b\na\ny\nab\na+b\n1\na*\nfoo bar\na\na\nc\n[x]\n5\na\nx\n2\n2\n",
            "grep: bad regex '['\ngrep: missing pattern\n",
            0,
            id="grep-patterns",
        ),
        pytest.param(
            (
                "ls /tmp; ls -1 /; ls -d /tmp; ls /tmp/a.txt; touch /tmp/.h; ls -A /tmp; ls -a /tmp; ls -p /; "
                "ls nosuch; echo $?; ls /tmp /etc"
            ),
            (
                "a.txt\n"
                "b.txt\n"
                "config\n"
                "dev\n"
                "etc\n"
                "tmp\n"
                "/tmp\n"
                "/tmp/a.txt\n"
                ".h\n"
                "a.txt\n"
                "b.txt\n"
                ".\n"
                "..\n"
                ".h\n"
                "a.txt\n"
                "b.txt\n"
                "config/\n"
                "dev/\n"
                "etc/\n"
                "tmp/\n"
                "1\n"
                "/tmp:\n"
                "a.txt\n"
                "b.txt\n"
                "\n"
                "/etc:\n"
                "hostname\n"
            ),
            "ls: nosuch: No such file or directory\n",
            0,
            id="ls",
        ),
        pytest.param(
            "ls -l /tmp; chmod 755 /tmp/a.txt; ls -l /tmp/a.txt; ls -ld /tmp; ls -lh /tmp/a.txt",
            (
                "total 8\n"
                "-rw-r--r--    1 root     root             6 Jan  1 00:00 a.txt\n"
                "-rw-r--r--    1 root     root             2 Jan  1 00:00 b.txt\n"
                "-rwxr-xr-x    1 root     root             6 Jan  1 00:00 /tmp/a.txt\n"
                "drwxr-xr-x    2 root     root          4096 Jan  1 00:00 /tmp\n"
                "-rwxr-xr-x    1 root     root             6 Jan  1 00:00 /tmp/a.txt\n"
            ),
            "",
            0,
            id="ls-long",
        ),
        pytest.param("mkdir -p /a/b; touch /a/b/c; ls -R /a", "/a:\nb\n\n/a/b:\nc\n", "", 0, id="ls-recursive"),
        pytest.param(
            (
                "mkdir -p /a/b; touch /a/b/c.txt /a/d; find /a; find /a -type f; find /a -name '*.txt'; "
                "find /a -maxdepth 1 -mindepth 1; cd /a; find . -type d; find /none; find /a -size 1"
            ),
            "/a\n/a/b\n/a/b/c.txt\n/a/d\n/a/b/c.txt\n/a/d\n/a/b/c.txt\n/a/b\n/a/d\n.\n./b\n",
            "find: /none: No such file or directory\nfind: unrecognized: -size\n",
            1,
            id="find",
        ),
        pytest.param(
            "stat -c '%n %s %a %A %F %Y' /tmp/a.txt; stat /none",
            "/tmp/a.txt 6 644 -rw-r--r-- regular file 1767225600\n",
            "stat: /none: No such file or directory\n",
            1,
            id="stat",
        ),
        pytest.param(
            (
                "mkdir /a; mkdir -p /a/b/c /a; ls /a/b; mkdir /a; echo $?; mkdir /x/y; mkdir /config/x; "
                "mkdir -m 700 /m; ls -ld /m; mkdir"
            ),
            "c\n1\ndrwx------    2 root     root          4096 Jan  1 00:00 /m\n",
            (
                "mkdir: can't create directory '/a': File exists\n"
                "mkdir: can't create directory '/x/y': No such file or directory\n"
                "mkdir: can't create directory '/config/x': Read-only file system\n"
                "mkdir: missing operand\n"
            ),
            1,
            id="mkdir",
        ),
        pytest.param(
            (
                "touch /a /b; rm /a /b; ls /; rm /none; echo $?; rm -f /none; echo $?; rm /tmp; rm -r /tmp; "
                "ls /; rm /config/color; rm -rf /config; rm -f; rm"
            ),
            "config\ndev\netc\ntmp\n1\n0\nconfig\ndev\netc\n",
            (
                "rm: can't remove '/none': No such file or directory\n"
                "rm: '/tmp' is a directory\n"
                "rm: can't remove '/config/color': Read-only file system\n"
                "rm: can't remove '/config': Device or resource busy\n"
                "rm: missing operand\n"
            ),
            1,
            id="rm",
        ),
        pytest.param(
            "mkdir -p /a/b; rmdir /a; rmdir /a/b /a; ls -d /a; rmdir /etc/hostname; rmdir /none",
            "",
            (
                "rmdir: '/a': Directory not empty\n"
                "ls: /a: No such file or directory\n"
                "rmdir: '/etc/hostname': Not a directory\n"
                "rmdir: '/none': No such file or directory\n"
            ),
            1,
            id="rmdir",
        ),
        pytest.param(
            "touch /a; touch /a; cat /a; touch -c /none; ls /none; touch /no/x; touch /config/x",
            "",
            (
                "ls: /none: No such file or directory\n"
                "touch: /no/x: No such file or directory\n"
                "touch: /config/x: Read-only file system\n"
            ),
            1,
            id="touch",
        ),
        pytest.param(
            (
                "cp /tmp/a.txt /x; cat /x; cp /x /tmp; ls /tmp; cp /tmp /y; cp -r /tmp /y; ls /y; cp -r /tmp /y; "
                "ls /y; cp /none /z; cp /x /tmp/b.txt /none; cp /x; cp /x /x; cp /x /config/x; cp /x /no/y; "
                "cp /tmp/a.txt /dev/null"
            ),
            "x\ny\nz\na.txt\nb.txt\nx\na.txt\nb.txt\nx\na.txt\nb.txt\ntmp\nx\n",
            (
                "cp: omitting directory '/tmp'\n"
                "cp: can't stat '/none': No such file or directory\n"
                "cp: target '/none' is not a directory\n"
                "cp: missing operand\n"
                "cp: '/x' and '/x' are the same file\n"
                "cp: can't create '/config/x': Read-only file system\n"
                "cp: can't create '/no/y': No such file or directory\n"
            ),
            0,
            id="cp",
        ),
        pytest.param(
            (
                "mv /tmp/a.txt /x; ls /tmp; cat /x; mv /x /tmp; ls /tmp; mv /tmp /y; ls /y; mv /none /z; "
                "mv /y /y/z; mv /y/a.txt /config/x"
            ),
            "b.txt\nx\ny\nz\nb.txt\nx\nb.txt\nx\n",
            (
                "mv: can't rename '/none': No such file or directory\n"
                "mv: can't rename '/y': Invalid argument\n"
                "mv: can't rename '/y/a.txt': No such file or directory\n"
            ),
            1,
            id="mv",
        ),
        pytest.param(
            (
                "chmod 600 /tmp/a.txt; chmod +x /tmp/b.txt; ls -l /tmp; chmod u=rw,go-rwx /tmp/b.txt; "
                "ls -l /tmp/b.txt; chmod -R 700 /tmp; ls -ld /tmp; chmod zz /tmp; chmod 600 /none"
            ),
            (
                "total 8\n"
                "-rw-------    1 root     root             6 Jan  1 00:00 a.txt\n"
                "-rwxr-xr-x    1 root     root             2 Jan  1 00:00 b.txt\n"
                "-rw-------    1 root     root             2 Jan  1 00:00 /tmp/b.txt\n"
                "drwx------    2 root     root          4096 Jan  1 00:00 /tmp\n"
            ),
            "chmod: invalid mode 'zz'\nchmod: /none: No such file or directory\n",
            1,
            id="chmod",
        ),
        pytest.param(
            "truncate -s 2 /tmp/a.txt; cat /tmp/a.txt; truncate -s 4 /new; wc -c /new; truncate -s x /new",
            "x\n4 /new\n",
            "truncate: invalid number 'x'\n",
            1,
            id="truncate",
        ),
        pytest.param(
            (
                'test a = a && echo 1; [ 1 -gt 2 ] || echo 2; [ -z "" -a -n x ] && echo 3; '
                '[ ! -e /nosuch ] && echo 4; [ a ]; echo $?; [ ]; echo $?; [ "" ]; echo $?; '
                "[ a = b -o \\( c = c \\) ] && echo 6; test; echo $?; [ ! a ]; echo $?; [ ! ! a ]; echo $?; "
                "[ -f ]; echo $?; [ = = = ]; echo $?; "
                "[ 5 -le 5 ] && [ 5 -ne 6 ] && [ 5 -ge 4 ] && [ 1 -lt 2 ] && [ 1 -eq 01 ] && echo 7"
            ),
            "1\n2\n3\n4\n0\n1\n1\n6\n1\n1\n0\n0\n0\n7\n",
            "",
            0,
            id="test",
        ),
        pytest.param(
            (
                "[ -d /tmp ] && [ -f /tmp/a.txt ] && [ -s /tmp/a.txt ] && [ -r /tmp ] && [ -w /tmp ] && echo 1; "
                "[ -x /tmp/a.txt ] || echo 2; [ -x /config/run.sh ] && echo 3; [ -d /tmp/a.txt ] || echo 4; "
                "[ -e /dev/null ] && [ -c /dev/null ] && ! [ -f /dev/null ] && echo 5; [ -L /tmp ] || echo 6; "
                "[ /tmp -ef /tmp/. ] && echo 7; sleep 1; touch /new; [ /new -nt /tmp/a.txt ] && echo 8; "
                "[ /new -ot /tmp/a.txt ] || echo 9; [ -t 0 ] || echo 10"
            ),
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n",
            "",
            0,
            id="test-files",
        ),
        pytest.param(
            "[ 1 -eq a ]; echo $?; [ a; echo $?; [ a b ]; echo $?; [ a = b c ]; echo $?; [ \\( a ]; echo $?",
            "2\n2\n2\n2\n2\n",
            (
                "[: a: bad number\n"
                "[: missing ]\n"
                "[: b: unknown operand\n"
                "[: c: unknown operand\n"
                "[: closing paren expected\n"
            ),
            0,
            id="test-errors",
        ),
        pytest.param(
            (
                "env | grep -c HOME; env -i; env -i A=1 env; env -u HOME env | grep HOME; "
                "env A=1 sh -c 'echo $A'; printenv HOME; printenv nosuch; echo $?; env nosuch; echo $?; X=1; "
                "env | grep X"
            ),
            "1\nA=1\n1\n/root\n1\n127\n",
            "sh: nosuch: not found\n",
            1,
            id="environment",
        ),
        pytest.param(
            "id; id -u; id -un; id -g; whoami; uname; uname -n; hostname; pwd; nproc",
            "uid=0(root) gid=0(root) groups=0(root)\n0\nroot\n0\nroot\nLinux\nweb\nweb\n/\n1\n",
            "",
            0,
            id="facts",
        ),
        pytest.param(
            (
                "date; date +%s; date -u +%Y-%m-%dT%H:%M:%SZ; date -d @0; date -I; date -Iseconds; "
                "date '+%A %B %j %H:%M:%S.%N %e %p %-d %y %I %u %w %F %T %R %D %n%t%% %Z %z %q'; date -R; "
                "date -d 2026-02-03T04:05:06Z +%s; date -d x; date x; sleep 90; date +%T"
            ),
            (
                "Thu Jan  1 00:00:00 UTC 2026\n"
                "1767225600\n"
                "2026-01-01T00:00:00Z\n"
                "Thu Jan  1 00:00:00 UTC 1970\n"
                "2026-01-01\n"
                "2026-01-01T00:00:00+00:00\n"
                "Thursday January 001 00:00:00.000000000  1 AM 1 26 12 4 4 2026-01-01 00:00:00 00:00 01/01/26 \n"
                "\t% UTC +0000 %q\n"
                "Thu, 01 Jan 2026 00:00:00 +0000\n"
                "1770091506\n"
                "00:01:30\n"
            ),
            "date: invalid date 'x'\ndate: invalid date 'x'\n",
            0,
            id="date",
        ),
        pytest.param(
            (
                "cd /tmp; ln -s a.txt l; cat l; ls -l l; readlink l; readlink a.txt; echo $?; echo new > l; cat a.txt; "
                "ln -s b.txt l; ln -sf b.txt l; readlink l; readlink -f l; rm l; ls; ln a.txt h"
            ),
            (
                "x\ny\nz\nlrwxrwxrwx    1 root     root             5 Jan  1 00:00 l -> a.txt\na.txt\n1\nnew\n"
                "b.txt\n/tmp/b.txt\na.txt\nb.txt\n"
            ),
            "ln: l: File exists\nln: h: Operation not permitted\n",
            1,
            id="links",
        ),
        pytest.param(
            (
                "ln -s /tmp /t; ls /t; ls -ld /t | cut -c1; cd /t; pwd; cd -P /t; pwd; ln -s a.txt b.txt /t/..; ls /; "
                "find /t /tmp -type l; ls -F /; rmdir /t; rm -r /t; ls /tmp; ln -s . /tmp"
            ),
            (
                "a.txt\nb.txt\nl\n/t\n/tmp\na.txt\nb.txt\nconfig\ndev\netc\nt\ntmp\n/t\n"
                "a.txt@\nb.txt@\nconfig/\ndev/\netc/\nt@\ntmp/\na.txt\nb.txt\n"
            ),
            "rmdir: '/t': Not a directory\nln: /tmp/.: File exists\n",
            1,
            id="links to directories",
        ),
        pytest.param(
            (
                "cd /tmp; ln -s no x; [ -L x ] && echo link; [ -e x ] || echo dangling; cat x; ls x; cp -r /tmp /c; "
                "cd /c; readlink x; mv x y; readlink y; mv a.txt y; cat y; ln -s o /o; cat /o"
            ),
            "link\ndangling\nx\nno\nno\nx\ny\nz\n",
            "cat: can't open 'x': No such file or directory\ncat: can't open '/o': Too many levels of symbolic links\n",
            1,
            id="links that lead nowhere, copied and moved",
        ),
        pytest.param(
            "cd /config; stat -c '%N %F' color; stat -Lc '%n %F' color; grep -r red /config | cut -d/ -f4; ls",
            "'color' -> '..data/color' symbolic link\ncolor regular file\ncolor:red\ncolor\nrun.sh\n",
            "",
            0,
            id="links of volumes",
        ),
        pytest.param(
            (
                "basename /a/b.c .c; basename /a/b/; basename /; basename a a; dirname /a/b; dirname a; "
                "dirname /; dirname /a/b/; basename; realpath /tmp/../etc; readlink -f x"
            ),
            "b\nb\n/\na\n/a\n.\n/\n/a\n/etc\n/x\n",
            "basename: missing operand\n",
            0,
            id="names",
        ),
        pytest.param(
            (
                "sleep 1m; date +%T; sleep 0.5 1; date +%T.%N; sleep 1h 1m 1s; date +%T; sleep 1d; date +%d; "
                "sleep abc; echo $?; sleep; echo $?"
            ),
            "00:01:00\n00:01:01.500000000\n01:02:02\n02\n1\n1\n",
            "sleep: invalid number 'abc'\nsleep: missing operand\n",
            0,
            id="sleep",
        ),
        pytest.param(
            (
                "timeout 5 sleep 10; echo $? $(date +%T); timeout 5 echo t; timeout 1m sleep 2; echo $?; "
                "timeout -s KILL 1 sleep 9; echo $?; timeout -t 1 sleep 9; echo $?; timeout 1 nosuch; echo $?; "
                "timeout x true; timeout 1; timeout 2 sh -c 'while true; do sleep 0.5; done'; echo $?"
            ),
            "143 00:00:05\nt\n0\n137\n143\n127\n143\n",
            "sh: nosuch: not found\ntimeout: invalid number 'x'\ntimeout: missing operand\n",
            0,
            id="timeout",
        ),
        pytest.param(
            "nohup echo a; time sleep 2; busybox sh -c 'echo b'; nohup; busybox nosuch",
            "a\nb\n",
            "real\t0m 2.00s\nuser\t0m 0.00s\nsys\t0m 0.00s\nnohup: missing operand\nsh: nosuch: not found\n",
            127,
            id="wrappers",
        ),
        pytest.param(
            (
                'echo one two | xargs -n1 echo x; ls /tmp | xargs -I{} echo "<{}>"; '
                "printf 'a\\0b c\\0' | xargs -0 -n1 echo; echo \"a 'b c' d\\ e\" | xargs -n1 echo; "
                "xargs echo none < /dev/null; xargs -r echo none < /dev/null; echo 1 | xargs false; echo $?; "
                "echo 1 | xargs nosuch; echo $?"
            ),
            "x one\nx two\n<a.txt>\n<b.txt>\na\nb c\na\nb c\nd e\nnone\n123\n127\n",
            "sh: nosuch: not found\n",
            0,
            id="xargs",
        ),
        pytest.param(
            (
                "mkdir -p /a/b; echo 1 > /a/f; echo 2 > /a/b/g; tar cf /x.tar /a; tar tf /x.tar; "
                "tar -cf - -C /a b f | tar tvf -; mkdir /y; tar xf /x.tar -C /y; cat /y/a/b/g; "
                "tar xvf /x.tar -C /y a/f; "
                "tar --extract --file=/x.tar --directory /y --strip-components=1 --no-same-owner; ls /y; "
                "tar czf /z.tgz -C / a; tar xzf /z.tgz -O 2>&1; mkdir /z; tar -zxf /z.tgz -C /z; ls /z"
            ),
            "a/\na/b/\na/b/g\na/f\nb/\nb/g\nf\n2\na/f\na\nb\nf\ntar: unrecognized option: O\na\n",
            "tar: removing leading '/' from member names\n",
            0,
            id="tar",
        ),
        pytest.param(
            (
                "tar cf - /none > /x; echo $?; tar xf /none; tar tf /tmp/a.txt; tar; tar cf -; "
                "tar xf - -C /none; tar cxf -; tar cf /config/x /tmp"
            ),
            "1\n",
            (
                "tar: removing leading '/' from member names\n"
                "tar: /none: No such file or directory\n"
                "tar: error exit delayed from previous errors\n"
                "tar: /none: No such file or directory\n"
                "tar: invalid tar magic\n"
                "tar: must specify one of -c, -x, -t\n"
                "tar: empty archive\n"
                "tar: can't change directory to '/none': No such file or directory\n"
                "tar: -c, -x and -t exclude each other\n"
                "tar: removing leading '/' from member names\n"
                "tar: /config/x: Read-only file system\n"
            ),
            1,
            id="tar-errors",
        ),
        pytest.param(
            "ls -Z; echo $?; sort --fancy; head -n; tail -c; rm -z",
            "1\n",
            (
                "ls: unrecognized option: Z\n"
                "sort: unrecognized option: fancy\n"
                "head: option requires an argument: n\n"
                "tail: option requires an argument: c\n"
                "rm: unrecognized option: z\n"
            ),
            1,
            id="unknown-options",
        ),
        pytest.param("true; echo $?; false; echo $?; : ; echo $?; sync", "0\n1\n0\n", "", 0, id="true-and-false"),
    ],
)
async def test_programs(script: str, out: str, err: str, code: int) -> None:
    assert await Machine().sh(script) == Done(out, err, code)
