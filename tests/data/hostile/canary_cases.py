# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pickles that run code where they are unpickled: each creates its canary.

Cases are (name, file, the global that the refusal must name, whether Python's
own unpickler runs it without torch)."""
import struct

import containers
import opcodes as op

SYSTEM = "os.system"


def callables(path):
    """(name, global, arguments): what a pickle may call to leave a file."""
    shell = op.text(f"touch '{path}'")
    source = op.text(f"open({str(path)!r}, 'w').close()")
    place, write = op.text(str(path)), op.text("w")
    touch = op.EMPTY_LIST + op.MARK + op.text("touch") + place + op.APPENDS
    nested = op.program(op.call(op.global_name(SYSTEM), shell))
    packed = b"B" + struct.pack("<I", len(nested)) + nested
    return (
        ("os-system", SYSTEM, (shell,)),
        ("posix-system", "posix.system", (shell,)),
        ("os-popen", "os.popen", (shell,)),
        ("os-mkdir", "os.mkdir", (place,)),
        ("os-open", "os.open", (place, op.whole(0o101))),
        ("subprocess-call", "subprocess.call", (touch,)),
        ("subprocess-popen", "subprocess.Popen", (touch,)),
        ("subprocess-check-output", "subprocess.check_output", (touch,)),
        ("subprocess-getoutput", "subprocess.getoutput", (shell,)),
        ("builtins-eval", "builtins.eval", (source,)),
        ("builtins-exec", "builtins.exec", (source,)),
        ("builtins-open", "builtins.open", (place, write)),
        ("python-2-eval", "__builtin__.eval", (source,)),
        ("python-2-execfile", "__builtin__.execfile", (place,)),
        ("python-2-commands", "commands.getoutput", (shell,)),
        ("io-open", "io.open", (place, write)),
        ("codecs-open", "codecs.open", (place, write)),
        ("gzip-open", "gzip.open", (place, write)),
        ("zipfile", "zipfile.ZipFile", (place, write)),
        ("logging-handler", "logging.FileHandler", (place,)),
        ("shutil-copyfile", "shutil.copyfile", (op.text("/etc/passwd"), place)),
        ("timeit", "timeit.timeit", (source,)),
        ("runpy", "runpy._run_code", (source, op.EMPTY_DICT)),
        ("pickle-loads", "pickle.loads", (packed,)),
        ("torch-save", "torch.save", (op.EMPTY_DICT, place)),
        ("torch-load", "torch.load", (place,)),
        ("torch-hub", "torch.hub.load", (place, op.text("model"))),
        ("torch-load-from-bytes", "torch.storage._load_from_bytes", (packed,)),
        ("torch-rebuild-from-type", "torch._tensor._rebuild_from_type_v2",
         (op.global_name("torch.FloatStorage"), op.NONE, op.EMPTY_TUPLE, op.NONE)),
        ("torch-package", "torch.package.PackageImporter", (place,)),
        ("numpy-save", "numpy.save", (place, op.EMPTY_LIST)),
        ("numpy-reconstruct", "numpy.core.multiarray._reconstruct",
         (op.NONE, op.EMPTY_TUPLE, b"C\1b")),
        ("functools-partial", "functools.partial", (op.global_name(SYSTEM), shell)),
        ("import", "builtins.__import__", (op.text("colorsys"),)),
    )


def import_chain(shell):
    """getattr(__import__('os'), 'system')(...)"""
    module = op.call(op.global_name("builtins.__import__"), op.text("os"))
    return op.call(op.call(op.global_name("builtins.getattr"), module,
                           op.text("system")), shell)


def instance(cls, *arguments):
    return op.global_name(cls) + op.MARK + b"".join(arguments) + op.TUPLE + op.NEWOBJ


def consumed_map(shell, make):
    """bytes(map(os.system, [...])): no instruction calls anything by name."""
    jobs = op.EMPTY_LIST + shell + op.APPEND
    return make("builtins.bytes", make("builtins.map", op.global_name(SYSTEM), jobs))


def with_keywords(cls, *arguments):
    return (op.global_name(cls) + op.MARK + b"".join(arguments) + op.TUPLE +
            op.EMPTY_DICT + op.NEWOBJ_EX)


def patched(attribute):
    """An OrderedDict one of whose methods is os.system."""
    empty = op.global_name("collections.OrderedDict") + op.EMPTY_TUPLE + op.REDUCE
    return empty + op.dictionary([(attribute, op.global_name(SYSTEM))]) + op.BUILD


def extension(opcode, code, shell):
    """Registers os.system under a number, then calls it by the number."""
    register = op.call(op.global_name("copyreg.add_extension"), op.text("os"),
                       op.text("system"), op.whole(code))
    number = struct.pack("<I", code)[:{b"\x82": 1, b"\x83": 2, b"\x84": 4}[opcode]]
    return register + op.POP + op.call(opcode + number, shell)


def forms(path):
    """(name, opcodes of a value, the global that is refused): the ways there are
    to make an unpickler call something."""
    shell = op.text(f"touch '{path}'")
    system = op.global_name(SYSTEM)
    call = op.call(system, shell)
    line = f"touch '{path}'\n".encode()
    dotted = op.short_text("pathlib") + op.short_text("Path.touch") + op.STACK_GLOBAL
    file = op.call(op.global_name("pathlib.Path"), op.text(str(path)))
    return (
        ("global-reduce", call, SYSTEM),
        ("stack-global-reduce", op.call(op.stack_global(SYSTEM), shell), SYSTEM),
        ("text-stack-global-reduce",
         op.call(op.text("os") + op.text("system") + op.STACK_GLOBAL, shell), SYSTEM),
        ("tuple1-reduce", system + shell + op.TUPLE1 + op.REDUCE, SYSTEM),
        ("inst", op.MARK + shell + b"ios\nsystem\n", SYSTEM),
        ("obj", op.MARK + system + shell + op.OBJ, SYSTEM),
        ("newobj", consumed_map(shell, instance), "builtins.bytes"),
        ("newobj-ex", consumed_map(shell, with_keywords), "builtins.bytes"),
        ("build-setstate", patched("__setstate__") + shell + op.BUILD, SYSTEM),
        ("append-method", patched("append") + shell + op.APPEND, SYSTEM),
        ("appends-method", patched("append") + op.MARK + shell + op.APPENDS, SYSTEM),
        ("additems-method", patched("add") + op.MARK + shell + op.ADDITEMS, SYSTEM),
        ("ext1", extension(b"\x82", 200, shell), "copyreg.add_extension"),
        ("ext2", extension(b"\x83", 2000, shell), "copyreg.add_extension"),
        ("ext4", extension(b"\x84", 200000, shell), "copyreg.add_extension"),
        ("memo", system + op.put(9) + op.POP + op.call(op.get(9), shell), SYSTEM),
        ("import-chain", import_chain(shell), "builtins.getattr"),
        ("dotted-method", op.call(dotted, file), "pathlib.Path.touch"),
        ("string-argument", system + b"S\"" + line[:-1] + b"\"\n" + op.TUPLE1 +
         op.REDUCE, SYSTEM),
        ("popped-result", call + op.POP + op.tensor(), SYSTEM),
        ("popped-to-mark", op.MARK + call + op.POP_MARK + op.tensor(), SYSTEM),
        ("dup", system + op.DUP + shell + op.TUPLE1 + op.REDUCE + op.TUPLE2, SYSTEM),
    )


def hidden(path):
    """(name, pickle): where in a state dict a call may hide."""
    bad = op.call(op.global_name(SYSTEM), op.text(f"touch '{path}'"))
    good = op.ordered([("weight", op.tensor())])
    wild = op.MARK + op.text("storage") + bad + op.text("0") + op.text("cpu")
    return (
        ("whole", op.program(bad)),
        ("dictionary-key", op.program(op.dictionary([(bad, op.tensor())]))),
        ("beside-the-state-dict",
         op.program(op.dictionary([("state_dict", good), ("arguments", bad)]))),
        ("metadata", op.program(
            good + op.dictionary([("_metadata", bad)]) + op.BUILD)),
        ("tensor-argument", op.state_dict(
            op.call(op.global_name("torch._utils._rebuild_tensor_v2"), bad))),
        ("tensor-size", op.state_dict(op.call(
            op.global_name("torch._utils._rebuild_tensor_v2"), op.storage(),
            op.whole(0), bad, op.wholes((2, 1)), op.FALSE, op.NONE))),
        ("hooks", op.state_dict(op.call(
            op.global_name("torch._utils._rebuild_tensor_v2"), op.storage(),
            op.whole(0), op.wholes((2, 2)), op.wholes((2, 1)), op.FALSE, bad))),
        ("persistent-id", op.state_dict(bad + op.BINPERSID)),
        ("storage-type", op.state_dict(wild + op.whole(4) + op.TUPLE + op.BINPERSID)),
        ("parameter", op.state_dict(op.call(
            op.global_name("torch._utils._rebuild_parameter"), bad, op.TRUE, op.NONE))),
        ("before-the-dictionary", op.program(bad + op.POP + good)),
        ("ordered-dictionary-argument", op.program(
            op.call(op.global_name("collections.OrderedDict"), bad))),
    )


SILENT = ("python-2-execfile", "python-2-commands", "functools-partial", "import")


def rings(name, refused):
    return not (name in SILENT or refused.startswith(("torch.", "numpy.")))


def cases(folder):
    for name, called, arguments in callables(folder / "X"):
        file = folder / f"canary-{name}"
        arguments = next(row[2] for row in callables(file) if row[0] == name)
        value = op.call(op.global_name(called), *arguments)
        yield (f"zip-calls-{name}.pth", containers.torch_zip(op.state_dict(value)),
               called, rings(name, called))
    for form in range(len(forms(folder))):
        for wrap, wrapped in (("zip", containers.torch_zip), ("legacy", containers.legacy)):
            name = forms(folder)[form][0]
            _, value, refused = forms(folder / f"canary-{wrap}-{name}")[form]
            yield (f"{wrap}-by-{name}.pth", wrapped(op.program(
                op.ordered([("weight", value)]), 4)), refused, True)
    for row, (name, _) in enumerate(hidden(folder)):
        for wrap, wrapped in (("zip", containers.torch_zip), ("legacy", containers.legacy)):
            pickle = hidden(folder / f"canary-{wrap}-{name}")[row][1]
            yield f"{wrap}-in-{name}.pth", wrapped(pickle), SYSTEM, True
    yield from legacy_parts(folder)


def legacy_parts(folder):
    """In each of a legacy file's other pickles."""
    for part in ("magic", "version", "sys_info", "keys"):
        shell = op.text(f"touch '{folder / ('canary-legacy-' + part)}'")
        bad = op.call(op.global_name(SYSTEM), shell)
        if part == "sys_info":
            bad = op.dictionary([("protocol_version", op.whole(1001)),
                                 ("little_endian", bad)])
        yield f"legacy-in-{part}.pth", containers.legacy(**{part: bad}), SYSTEM, True
