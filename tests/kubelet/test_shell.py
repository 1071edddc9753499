"""What the shell's language means: script, stdout, stderr, exit code.

Each is run by "sh -c" on a machine of tests/kubelet/shellsession.py.
"""

from __future__ import annotations

import pytest

from tests.kubelet.shellsession import Done, Machine


@pytest.mark.parametrize(
    ("script", "out", "err", "code"),
    [
        pytest.param(
            "x='a b'; [[ $x == a* && ( -n $x || -z $x ) ]]; echo $?; [[ $x = 'a*' || ! -e / ]]; echo $?; "
            "[[ abc =~ ^a(b|x)c$ ]] && [[ a < b ]] && [[ $no -eq 0 ]] && [[ a &&\n! '' ]] && echo all; "
            "[[ a == ]]; echo $?; [[ x -eq 1 ]] 2> /dev/null; echo $?; set -e; [[ a == b ]]; echo not here",
            "0\n1\nall\n2\n2\n",
            "sh: ==: unknown operand\n",
            1,
            id="double-brackets",
        ),
        pytest.param("echo hi; exit 3", "hi\n", "", 3, id="exit"),
        pytest.param("exit 300", "", "", 44, id="exit-is-a-byte"),
        pytest.param('X=1 Y="a  b"; echo $X "$Y" $Y', "1 a  b a b\n", "", 0, id="assignments"),
        pytest.param(
            "a=1 b=2 env | grep -E '^(a|b)='; echo \"[$a]\"",
            "a=1\nb=2\n[]\n",
            "",
            0,
            id="assignment-for-one-command",
        ),
        pytest.param("false && echo a || echo b; true && echo c; ! true || echo d", "b\nc\nd\n", "", 0, id="and-or"),
        pytest.param("false; echo $?; (exit 5); echo $?; ! false; echo $?", "1\n5\n0\n", "", 0, id="last-code"),
        pytest.param("echo a # b; echo c\n# all of it\necho '#d' e#f", "a\n#d e#f\n", "", 0, id="comments"),
        pytest.param('echo a\\\nb "c\\\nd"', "ab cd\n", "", 0, id="continued-lines"),
        pytest.param(
            "echo 'it'\\''s' \"\\$x \\\"q\\\" \\a\" '$x' \\$x \"a'b\"",
            "it's $x \"q\" \\a $x $x a'b\n",
            "",
            0,
            id="quotes",
        ),
        pytest.param("echo $'a\\tb\\'c\\x41'", "a\tb'cA\n", "", 0, id="dollar-quotes"),
        pytest.param('echo $ "$" a$ $%', "$ $ a$ $%\n", "", 0, id="lone-dollars"),
        pytest.param(
            (
                'y=1; e=; echo ${x:-a} ${x-b} ${e:-c} [${e-d}] ${y:+f} [${x:+g}] ${e+h} "${x:-a  b}" ${x:-"c  '
                'd"} ${x:-a  b}'
            ),
            "a b c [] f [] h a  b c  d a b\n",
            "",
            0,
            id="defaults",
        ),
        pytest.param("echo ${x:=5} $x ${x=6}; echo $x", "5 5 5\n5\n", "", 0, id="defaults-that-stay"),
        pytest.param("echo ${x:?oops}; echo no", "", "sh: x: oops\n", 2, id="a-parameter-that-must-be-set"),
        pytest.param("echo ${x?}; echo no", "", "sh: x: parameter not set\n", 2, id="unset-without-words"),
        pytest.param("x=hello; echo ${#x} ${#y} $#", "5 0 0\n", "", 0, id="length"),
        pytest.param(
            'p=/a/b.tar.gz; echo ${p##*/} ${p%.*} ${p%%.*} ${p#*/} ${p#x} "${p%"$x"}"',
            "b.tar.gz /a/b.tar /a/b a/b.tar.gz /a/b.tar.gz /a/b.tar.gz\n",
            "",
            0,
            id="trimming",
        ),
        pytest.param(
            "p=a-b-c; echo ${p/-/+} ${p//-/+} ${p/b} ${p//[ac]/x}",
            "a+b-c a+b+c a--c x-b-x\n",
            "",
            0,
            id="replacing",
        ),
        pytest.param("p=abcdef; echo ${p:2} ${p:1:3} ${p: -2} ${p:0:-1}", "cdef bcd ef abcde\n", "", 0, id="pieces"),
        pytest.param(
            (
                'x=\' a  b \'; set -- $x; echo $# "[$1]" "[$2]"; set -- "$x"; echo $# "[$1]"; set -- $nothing; '
                "echo $#; set -- \"$nothing\" ''; echo $#"
            ),
            "2 [a] [b]\n1 [ a  b ]\n0\n2\n",
            "",
            0,
            id="splitting",
        ),
        pytest.param(
            'IFS=,; x="a,b,,c"; for i in $x; do echo "[$i]"; done',
            "[a]\n[b]\n[]\n[c]\n",
            "",
            0,
            id="splitting-at-commas",
        ),
        pytest.param(
            'x=\'b c\'; set -- a$x"d e"; for i; do echo "[$i]"; done',
            "[ab]\n[cd e]\n",
            "",
            0,
            id="joined-fields",
        ),
        pytest.param(
            (
                'set -- a "b c" d; for x in "$@"; do echo "[$x]"; done; echo $# "$*" $0; shift; echo $1 "p$@s"; '
                'shift 2; set -- "$@"; echo $#'
            ),
            "[a]\n[b c]\n[d]\n3 a b c d sh\nb c pb c ds\n0\n",
            "",
            0,
            id="arguments",
        ),
        pytest.param('set -- a b c; IFS=-; echo "$*"; IFS=; echo "$*"', "a-b-c\nabc\n", "", 0, id="arguments-joined"),
        pytest.param(
            'echo $(echo a; echo b) "$(echo a; echo b)" `echo \\`echo in\\`` $(echo $(echo $(echo deep)))',
            "a b a\nb in deep\n",
            "",
            0,
            id="substitution",
        ),
        pytest.param('echo "a $(echo "b  c") d"', "a b  c d\n", "", 0, id="substitution-keeps-quotes-apart"),
        pytest.param("x=$(false); echo $?; x=$(exit 3) true; echo $?", "1\n0\n", "", 0, id="substitution-code"),
        pytest.param("echo $(< /etc/hostname)!", "web!\n", "", 0, id="substitution-of-a-file"),
        pytest.param(
            (
                "x=4; echo $((1+2*3)) $((7/2)) $((-7%3)) $((1<2&&3>2)) $((x*=2)) $x $((x++ + ++x)) "
                "$((2**10)) $((5&3|8^1)) $((!0)) $((~0)) $((1?2:3)) $((010)) $((0x1F)) $(((1+1)*2)) "
                "$((x>>1)) $((1,2))"
            ),
            "7 3 -1 1 8 8 18 1024 9 1 -1 2 8 31 4 5 2\n",
            "",
            0,
            id="arithmetic",
        ),
        pytest.param(
            'x=2; echo $(($x+${y:-3}+$(echo 4))) $((y)) "$((x\n+1))"',
            "9 0 3\n",
            "",
            0,
            id="arithmetic-with-expansions",
        ),
        pytest.param(
            "x=1; echo $((0 && (x=5))) $((1 || (x=6))) $((1 ? 2 : (x=7))) $x",
            "0 1 2 1\n",
            "",
            0,
            id="arithmetic-does-not-touch-what-is-not-taken",
        ),
        pytest.param("echo $((9223372036854775807+1))", "-9223372036854775808\n", "", 0, id="arithmetic-wraps"),
        pytest.param("echo $((1/0)); echo no", "", "sh: divide by zero\n", 2, id="arithmetic-by-zero"),
        pytest.param("echo $((1+)); echo no", "", "sh: arithmetic syntax error\n", 2, id="arithmetic-nonsense"),
        pytest.param("echo $( (echo a) ) $((echo b) | cat)", "a b\n", "", 0, id="a-subshell-in-a-substitution"),
        pytest.param('echo ~ ~/x "~" a~ ~nobody', "/root /root/x ~ a~ ~nobody\n", "", 0, id="tilde"),
        pytest.param(
            (
                'cd /tmp; echo *.txt ?.txt [ab].txt [!a].txt /tmp/*.nothing "*.txt" \\*.txt *; echo /t*/a*; '
                "touch .hidden; echo * .h*"
            ),
            (
                "a.txt b.txt a.txt b.txt a.txt b.txt b.txt /tmp/*.nothing *.txt *.txt a.txt b.txt\n"
                "/tmp/a.txt\n"
                "a.txt b.txt .hidden\n"
            ),
            "",
            0,
            id="files-by-pattern",
        ),
        pytest.param("set -f; echo /tmp/*", "/tmp/*\n", "", 0, id="no-files-by-pattern"),
        pytest.param(
            (
                "if true; then echo a; fi; if false; then echo b; else echo c; fi; if false; then echo d; "
                "elif true; then echo e; else echo f; fi; if false; then echo; fi; echo $?"
            ),
            "a\nc\ne\n0\n",
            "",
            0,
            id="if",
        ),
        pytest.param(
            "i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done",
            "1\n3\n",
            "",
            0,
            id="while",
        ),
        pytest.param('until [ "$i" = xxx ]; do i=x$i; done; echo $i', "xxx\n", "", 0, id="until"),
        pytest.param(
            (
                'for i in 1 "2 3" $(echo 4 5); do echo -n "[$i]"; done; for i in; do echo no; done; for i\n'
                "do echo no; done; echo $i"
            ),
            "[1][2 3][4][5]5\n",
            "",
            0,
            id="for",
        ),
        pytest.param(
            (
                "for i in 1 2 3; do for j in a b; do [ $i$j = 1b ] && continue 2; [ $i$j = 2b ] && break 2; "
                "echo $i$j; done; done; break"
            ),
            "1a\n2a\n",
            "",
            0,
            id="breaking-out-of-two",
        ),
        pytest.param(
            (
                "for x in abc '' b.c y '*' ; do case $x in a*) echo 1;; \"\") echo 2;; *.c|z) echo 3 ;; (y) ;; "
                '"*") echo 4; esac; done'
            ),
            "1\n2\n3\n4\n",
            "",
            0,
            id="case",
        ),
        pytest.param(
            "p='a*'; case abc in $p) echo 1;; esac; case abc in \"$p\") echo 2;; *) echo 3; esac",
            "1\n3\n",
            "",
            0,
            id="case-with-a-pattern-from-a-variable",
        ),
        pytest.param(
            "f() { echo $1 $#; return 4; echo no; }; f a b; echo $?; g() (x=1; exit 2); g; echo $? $x",
            "a 2\n4\n2\n",
            "",
            0,
            id="functions",
        ),
        pytest.param(
            "x=1; f() { local x=2 y=3; echo $x; g; }; g() { echo $x $y; }; f; echo $x $y",
            "2\n2 3\n1\n",
            "",
            0,
            id="local-variables",
        ),
        pytest.param(
            "f() { [ $1 -le 1 ] && { echo 1; return; }; echo $(( $1 * $(f $(($1 - 1))) )); }; f 6",
            "720\n",
            "",
            0,
            id="recursion",
        ),
        pytest.param("f() { f; }; f", "", "sh: too many levels of nesting\n", 2, id="endless-recursion"),
        pytest.param(
            "{ echo a; echo b; } | tr a-z A-Z; (echo c; exit 3) || echo $?",
            "A\nB\nc\n3\n",
            "",
            0,
            id="groups",
        ),
        pytest.param(
            'x=5; (x=6; cd /tmp; echo $x $PWD); echo $x $PWD; y=1 | true; echo z | read q; echo "[$q]"',
            "6 /tmp\n5 /\n[]\n",
            "",
            0,
            id="a-subshell-changes-nothing",
        ),
        pytest.param(
            "seq 5 | grep -v 3 | wc -l; false | true; echo $?; true | false; echo $?",
            "4\n0\n1\n",
            "",
            0,
            id="pipelines",
        ),
        pytest.param("echo a |\ncat &&\necho b", "a\nb\n", "", 0, id="pipeline-over-lines"),
        pytest.param(
            "set -o pipefail; false | true; echo $?; true | true; echo $?; (exit 3) | (exit 4) | true; echo $?",
            "1\n0\n4\n",
            "",
            0,
            id="pipefail",
        ),
        pytest.param(
            "yes | head -2; while :; do echo x; done | head -1",
            "y\ny\nx\n",
            "",
            0,
            id="endless-writers-end-with-their-readers",
        ),
        pytest.param(
            "echo a > /tmp/o; echo b >> /tmp/o; cat < /tmp/o; > /tmp/o; cat /tmp/o; echo c >| /tmp/o; cat /tmp/o",
            "a\nb\nc\n",
            "",
            0,
            id="redirections",
        ),
        pytest.param(
            (
                "ls /none 2> /tmp/e; cat /tmp/e; ls /none > /tmp/e 2>&1; cat /tmp/e; ls /none &> /tmp/f; "
                "cat /tmp/f; ls /none 2>&1 >/dev/null | tr a-z A-Z; echo err >&2; echo x >/dev/stderr 2>/dev/null"
            ),
            (
                "ls: /none: No such file or directory\n"
                "ls: /none: No such file or directory\n"
                "ls: /none: No such file or directory\n"
                "LS: /NONE: NO SUCH FILE OR DIRECTORY\n"
            ),
            "err\nx\n",
            0,
            id="redirected-errors",
        ),
        pytest.param(
            (
                "{ echo a; echo b >&2; } > /tmp/both 2>&1; cat /tmp/both; for i in 1 2; do echo $i; "
                'done > /tmp/l; while read x; do echo "<$x>"; done < /tmp/l; if read x; then echo $x; read x; '
                "echo $x; fi < /tmp/l"
            ),
            "a\nb\n<1>\n<2>\n1\n2\n",
            "",
            0,
            id="redirected-groups",
        ),
        pytest.param(
            (
                "echo hi > /etc; echo $?; echo x > /no/such; cat < /none; echo $?; echo x > /config/color; "
                "{ echo a; } > /none/x; echo $?"
            ),
            "1\n1\n1\n",
            (
                "sh: can't create /etc: Is a directory\n"
                "sh: can't create /no/such: nonexistent directory\n"
                "sh: can't open /none: no such file\n"
                "sh: can't create /config/color: Read-only file system\n"
                "sh: can't create /none/x: nonexistent directory\n"
            ),
            0,
            id="redirections-that-fail",
        ),
        pytest.param(">/tmp/o echo a b 2>/dev/null; </tmp/o cat", "a b\n", "", 0, id="redirections-anywhere"),
        pytest.param("echo a >&-; echo $?; cat <&-", "0\n", "", 0, id="closed"),
        pytest.param("echo a >&7; echo $?", "1\n", "sh: 7: Bad file descriptor\n", 0, id="bad-descriptor"),
        pytest.param(
            'x=1; cat <<E\nhello $x \\$x `echo q` "$((x+1))"\n  E\nE\necho after',
            'hello 1 $x q "2"\n  E\nafter\n',
            "",
            0,
            id="here-document",
        ),
        pytest.param(
            "cat <<'E'; cat <<-F | tr a-z A-Z\nno $x \\a\nE\n\ttabbed $((1+1))\n\tF",
            "no $x \\a\nTABBED 2\n",
            "",
            0,
            id="literal-here-document",
        ),
        pytest.param('cat <<< "a b"', "a b\n", "", 0, id="here-string"),
        pytest.param("cat <<E\na", "a\n", "", 0, id="here-document-without-end"),
        pytest.param("echo a; exec > /tmp/log; echo b; cat /tmp/log >&2", "a\n", "b\n", 0, id="exec-redirects"),
        pytest.param("exec echo replaced; echo no", "replaced\n", "", 0, id="exec-replaces"),
        pytest.param(
            "sleep 5 & echo $!; wait; echo done; (exit 3) & wait $!; echo $?; wait 99; echo $?",
            "2\ndone\n3\n127\n",
            "",
            0,
            id="background",
        ),
        pytest.param(
            "sleep 1000 & kill $!; wait $!; echo $?; kill $!; kill %9; echo $?",
            "143\n1\n",
            "sh: can't kill pid 2: No such process\nsh: can't kill pid %9: No such process\n",
            0,
            id="killed",
        ),
        pytest.param("trap 'echo bye $?' EXIT; exit 3", "bye 3\n", "", 3, id="trap-on-exit"),
        pytest.param("trap 'exit 4' EXIT; false", "", "", 4, id="trap-that-exits"),
        pytest.param(
            "trap 'echo usr' USR1; kill -USR1 $$; echo after; trap; trap - USR1; trap; kill $$; echo no",
            "usr\nafter\ntrap -- 'echo usr' USR1\n",
            "",
            143,
            id="trap-on-a-signal",
        ),
        pytest.param(
            "trap 'x' FOO; echo $?",
            "1\n",
            "sh: trap: FOO: invalid signal specification\n",
            0,
            id="trap-nonsense",
        ),
        pytest.param("set -e; false; echo no", "", "", 1, id="stop-on-error"),
        pytest.param(
            (
                "set -e; if false; then :; fi; false || true; ! true; while false; do :; done; f() { false; "
                "true; }; f && echo in; true && false || echo ok; { false && true; }; echo end"
            ),
            "in\nok\nend\n",
            "",
            0,
            id="stop-on-error-not-in-conditions",
        ),
        pytest.param(
            "set -e; (echo a; false; echo no); echo no",
            "a\n",
            "",
            1,
            id="stop-on-error-in-functions-and-subshells",
        ),
        pytest.param("set -e; x=$(echo a; false); echo no", "", "", 1, id="stop-on-error-in-substitution"),
        pytest.param("set -e; set +e; false; echo ok", "ok\n", "", 0, id="stop-on-error-switched-off"),
        pytest.param(
            'set -u; echo ${x:-ok} "$@"; echo $x; echo no',
            "ok\n",
            "sh: x: parameter not set\n",
            2,
            id="unset-variables",
        ),
        pytest.param(
            'set -x; a=1; echo "$a b"; b=2 true; for i in x; do :; done',
            "1 b\n",
            "+ a=1\n+ echo '1 b'\n+ b=2 true\n+ :\n",
            0,
            id="trace",
        ),
        pytest.param("set -eu; echo $-; set +eu; echo [$-]", "eu\n[]\n", "", 0, id="options-shown"),
        pytest.param(
            (
                "A=1; B=2; export A C=3; sh -c 'echo $A [$B] $C'; export -n A; sh -c 'echo [$A]'; unset C; "
                'sh -c \'echo [$C]\'; export D="a  b" E=$A; echo "$D" $E'
            ),
            "1 [] 3\n[]\n[]\na  b 1\n",
            "",
            0,
            id="exported",
        ),
        pytest.param("x='a b'; export y=$x; echo \"$y\"", "a b\n", "", 0, id="export-does-not-split"),
        pytest.param("export 1x=2; echo no", "", "sh: 1x=2: bad variable name\n", 2, id="export-nonsense"),
        pytest.param("readonly r=1; r=2; echo no", "", "sh: r: is read only\n", 2, id="readonly"),
        pytest.param(
            "cd /tmp; pwd; cd ..; pwd; cd tmp; cd -; cd; pwd; cd /etc/hostname; cd nosuch; echo $? $PWD",
            "/tmp\n/\n/\n/\n2 /\n",
            (
                "sh: cd: can't cd to /root: No such file or directory\n"
                "sh: cd: can't cd to /etc/hostname: Not a directory\n"
                "sh: cd: can't cd to nosuch: No such file or directory\n"
            ),
            0,
            id="cd",
        ),
        pytest.param(
            "x='echo $y'; y=5; eval $x \"z;\" eval 'echo $((2*3))'; eval; echo $?",
            "5 z\n6\n0\n",
            "",
            0,
            id="eval",
        ),
        pytest.param(
            "echo 'x=5; return 3; x=6' > /tmp/lib; . /tmp/lib; echo $? $x; . /nosuch; echo $?",
            "3 5\n2\n",
            "sh: .: can't open '/nosuch': No such file or directory\n",
            0,
            id="source",
        ),
        pytest.param(
            (
                "printf 'a b c\\nd\\n\\\\x\\\\\\ny\\n' | { read x y; echo \"[$x][$y]\"; read x y; "
                'echo "[$x][$y]"; read x; echo "[$x]"; read x; echo $? "[$x]"; }'
            ),
            "[a][b c]\n[d][]\n[xy]\n1 []\n",
            "",
            0,
            id="read",
        ),
        pytest.param(
            "printf '  a\\\\b  c \\n' | { read -r x; echo \"[$x]\"; }; printf 'no end' | { read x; echo $? $x; }",
            "[a\\b  c]\n1 no end\n",
            "",
            0,
            id="read-raw",
        ),
        pytest.param(
            'IFS=: read a b c <<E\n1:2:3:4\nE\necho $a $b $c; IFS= read x <<E\n  kept  \nE\necho "[$x]"',
            "1 2 3:4\n[  kept  ]\n",
            "",
            0,
            id="read-fields",
        ),
        pytest.param(
            (
                "command -v echo cd ls nosuch; echo $?; which ls nosuch; echo $?; type ls cd echo nosuch; "
                "f() { :; }; type f; command echo hi"
            ),
            (
                "echo\n"
                "cd\n"
                "/bin/ls\n"
                "127\n"
                "/bin/ls\n"
                "1\n"
                "ls is /bin/ls\n"
                "cd is a shell builtin\n"
                "echo is a shell builtin\n"
                "f is a shell function\n"
                "hi\n"
            ),
            "nosuch: not found\n",
            0,
            id="command-and-type",
        ),
        pytest.param(
            (
                "sh -c 'echo $0 $1 $#' name arg; echo 'echo from stdin $1' | sh -s x; sh -ec 'false; echo no'; "
                "echo $?; bash -euo pipefail -c 'echo $-'; sh -c 'exit 7'; echo $?; sh -lc 'echo login'; "
                "sh -- /config/run.sh y"
            ),
            "name arg 1\nfrom stdin x\n1\neu\n7\nlogin\nran y\n",
            "",
            0,
            id="shells-in-shells",
        ),
        pytest.param(
            "sh -c; echo $?; sh /none; echo $?; sh -Q; echo $?",
            "2\n2\n2\n",
            ("sh: -c requires an argument\nsh: can't open '/none': No such file or directory\nsh: illegal option -Q\n"),
            0,
            id="shells-that-cannot",
        ),
        pytest.param(
            (
                "echo 'echo $0 $1' > /tmp/x.sh; sh /tmp/x.sh a; chmod +x /tmp/x.sh; /tmp/x.sh b; cd /tmp; "
                "./x.sh c; chmod 644 x.sh; ./x.sh; echo $?; /tmp; echo $?; /config/run.sh d"
            ),
            "/tmp/x.sh a\n/tmp/x.sh b\n./x.sh c\n126\n126\nran d\n",
            "sh: ./x.sh: Permission denied\nsh: /tmp: Permission denied\n",
            0,
            id="scripts",
        ),
        pytest.param(
            (
                "printf '#!/bin/sh -e\\nfalse\\necho no\\n' > /s; chmod 755 /s; /s; echo $?; "
                "printf '#!/usr/bin/env sh\\necho env $1\\n' > /s; /s x; printf '#!/usr/bin/python\\n' > /s; /s; "
                "echo $?"
            ),
            "1\nenv x\n127\n",
            "sh: /usr/bin/python: not found\n",
            0,
            id="scripts-say-who-runs-them",
        ),
        pytest.param(
            "PATH=/tmp:$PATH; echo 'echo mine' > /tmp/mine; chmod +x /tmp/mine; mine; which mine",
            "mine\n/tmp/mine\n",
            "",
            0,
            id="scripts-on-the-path",
        ),
        pytest.param(
            "/bin/echo a; /usr/bin/env X=1 sh -c 'echo $X'; /bin/nosuch; echo $?; busybox echo b",
            "a\n1\n127\nb\n",
            "sh: /bin/nosuch: not found\n",
            0,
            id="programs-by-path",
        ),
        pytest.param(
            'nosuch a; echo $?; "" ; echo $?',
            "127\n127\n",
            "sh: nosuch: not found\nsh: : not found\n",
            0,
            id="not-found",
        ),
        pytest.param('echo $$ $? $# "$0" "[$!]"', "1 0 0 sh []\n", "", 0, id="special-parameters"),
        pytest.param(" ", "", "", 0, id="nothing"),
        pytest.param("echo a;\n\necho b &\nwait", "a\nb\n", "", 0, id="semicolon-lines"),
        pytest.param(
            "echo hi\nfi",
            "hi\n",
            'sh: syntax error: unexpected "fi"\n',
            2,
            id="errors-come-when-they-are-met",
        ),
    ],
)
async def test_language(script: str, out: str, err: str, code: int) -> None:
    assert await Machine().sh(script) == Done(out, err, code)
