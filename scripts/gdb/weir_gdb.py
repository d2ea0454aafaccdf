"""GDB shows weir's values as they print themselves, and streams, shards and readers as a summary.

Load it by hand, or from ~/.gdbinit:

    (gdb) source /usr/share/weir/gdb/weir_gdb.py
    (gdb) print stream
    $1 = stream "ticks", incarnation 123, 2 shards = {
      [0] = shardId-000000000000, keys 0..170141183460469231731687303715884105727, open, numbers 1..5, 8 records at most,
      [1] = ...

It reads memory and calls no function of the program, so it works on core files. What a ring retains is read from its
words as they are: while a program runs on, that is a moment's view.
"""
import re

import gdb
import gdb.printing

CLOSED = 1 << 63


def word_type():
    return gdb.lookup_type("unsigned long")


def unsigned(value):
    return int(value.cast(word_type()))


def name_of(enumerator):
    """`closed` of `weir::v0_eap::Errc::closed`, or the number where it has no name."""
    return str(enumerator).rsplit("::", 1)[-1]


def at_address_of(value, kind):
    """The object of type `kind` that begins where `value` does."""
    return value.address.cast(kind.pointer()).dereference()


def pointer_in(owner):
    """The pointer that a unique_ptr, a published or an atomic is, in every standard library."""
    return at_address_of(owner, word_type().pointer())


def elements(vector):
    """First and last pointer of a vector, in libstdc++ or libc++."""
    names = {field.name for field in vector.type.fields()}
    if "__begin_" in names:
        return vector["__begin_"], vector["__end_"]
    data = vector["_M_impl"]
    return data["_M_start"], data["_M_finish"]


def text(string):
    """A std::string; where it is not libstdc++'s, as GDB shows it."""
    try:
        return string["_M_dataplus"]["_M_p"].string(length=int(string["_M_string_length"]), errors="backslashreplace")
    except gdb.error:
        return string.format_string().strip('"')


def escaped(data, size):
    """`size` bytes at `data`, printed as BytesView::to_string does."""
    if size == 0:
        return ""
    printed = []
    for byte in bytes(gdb.selected_inferior().read_memory(int(data), size)):
        if byte == 0x5C:
            printed.append("\\\\")
        else:
            printed.append(chr(byte) if 0x20 <= byte <= 0x7E else f"\\x{byte:02x}")
    return "".join(printed)


def shard_id(value):
    return f"shardId-{int(value['index_']):012}"


def sequence_number(value):
    return f"{int(value['value_'])}@{int(value['shard_']['index_'])}.{int(value['incarnation_']['value_'])}"


def hash_key(value):
    return str(int(value["high_"]) << 64 | int(value["low_"]))


def hash_key_range(value):
    return f"{hash_key(value['starting'])}..{hash_key(value['ending'])}"


def put(value):
    return f"{sequence_number(value['sequence_number'])} in {shard_id(value['shard'])}"


def put_range(value):
    return f"{int(value['count'])} from {sequence_number(value['first'])} in {shard_id(value['shard'])}"


def failure(value):
    return (f"{name_of(value['code'])}, {name_of(value['cause'])}: value {int(value['value'])}, "
            f"limit {int(value['limit'])}")


def position(value):
    kind = name_of(value["kind_"])
    argument = int(value["argument_"])
    if kind in ("at", "after"):
        return f"{kind} {sequence_number(value['number_'])}"
    if kind == "at_timestamp":
        return f"{kind} {argument - (1 << 64) if argument >= CLOSED else argument}"
    return f"{kind} {argument}" if kind == "last" else kind


def partition_key(value):
    return f"\"{text(value['text_'])}\", hash key {hash_key(value['hash_'])}"


def bytes_view(value):
    size = int(value["size_"])
    return f"{size} bytes \"{escaped(value['data_'], size)}\""


def owned_bytes(value):
    first, last = elements(value["bytes_"])
    size = int(last) - int(first)
    return f"{size} bytes \"{escaped(first, size)}\""


def column_numbers(layout):
    """Oldest number, one more than the newest, whether closed, and the capacity: the words of ring/column/layout.hpp."""
    words = layout["base_"].cast(word_type().pointer())
    capacity = int(layout["limits_"]["capacity_"])
    head, limit = int(words[0]), int(words[128 // 8])
    return limit - capacity, head & ~CLOSED, bool(head & CLOSED), f"{capacity} records at most"


def segment_numbers(layout):
    """The same from the words of ring/segment/layout.hpp."""
    words = layout["base_"].cast(word_type().pointer())
    segments, segment_bytes = int(layout["segments_"]), int(layout["segment_bytes_"])
    firsts = 2 * 128 // 8
    tail = int(words[0])
    generation, count = tail >> 42 & 0xFFFFF, tail >> 22 & 0xFFFFF
    newest = int(words[firsts + generation % segments])
    # Segments never used are zero; the one after the newest is being recycled while the tail is sealed.
    recycled = {(generation + 1) % segments} if tail >> 62 & 1 else set()
    used = [int(words[firsts + i]) for i in range(segments) if i not in recycled]
    oldest = min(number for number in used if number != 0) if newest != 0 else 0
    return oldest, newest + count, bool(tail & CLOSED), f"{segments * segment_bytes} bytes at most"


def shard(value):
    header, layout = value["header_"], value["log_"]["layout_"]
    column = "limits_" in {field.name for field in layout.type.fields()}
    oldest, end, closed, capacity = column_numbers(layout) if column else segment_numbers(layout)
    numbers = f"numbers {oldest}..{end - 1}" if oldest < end else f"empty, next number {end}"
    return (f"{shard_id(header['id'])}, keys {hash_key_range(header['range'])}, "
            f"{'closed' if closed else 'open'}, {numbers}, {capacity}")


def cursor_of(value):
    """The detail::Cursor that a batch, a record or an iterator refers to."""
    owner = value["cursor_"]
    if owner.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
        return owner.dereference()
    return pointer_in(owner).cast(owner.type.strip_typedefs().template_argument(0).pointer()).dereference()


def batch(value):
    run = value["run_"]
    first, count, missed = int(run["first"]), int(run["count"]), int(run["missed"])
    numbers = f"numbers {first}..{first + count - 1}" if count else "no records"
    return f"{count} records, {numbers} of {shard_id(cursor_of(value)['shard']['header_']['id'])}, {missed} missed"


def record(value):
    header = cursor_of(value)["shard"]["header_"]
    return f"record {int(value['number_'])}@{int(header['id']['index_'])}.{int(header['incarnation']['value_'])}"


def iterator(value):
    end = ", at the end" if value["at_end_"] else ""
    return f"iterator of {shard_id(cursor_of(value)['shard']['header_']['id'])}, from {position(value['asked_'])}{end}"


class Plain:
    """Shown as one line."""

    def __init__(self, render, value):
        self.render, self.value = render, value

    def to_string(self):
        return self.render(self.value)


class ResultPrinter:
    """The value or the failure, under its name."""

    def __init__(self, value):
        self.value = value
        payload = value.type.strip_typedefs().unqualified().template_argument(0)
        if payload.strip_typedefs().code == gdb.TYPE_CODE_VOID:
            self.failed = bool(value["failed_"])
            self.held = value["failure_"] if self.failed else None
            return
        outcome = value["outcome_"]  # in both libraries the alternatives lie first and the index after them
        try:
            self.failed = int(outcome["_M_index"]) == 1
        except gdb.error:
            self.failed = int(outcome["__impl_"]["__index"]) == 1
        namespace = re.match(r"weir::(?:v\w+::)?", value.type.strip_typedefs().unqualified().name)[0]
        self.held = at_address_of(outcome, gdb.lookup_type(namespace + "Failure") if self.failed else payload)

    def to_string(self):
        return "failure" if self.failed else "success"

    def children(self):
        if self.held is not None:
            yield ("error" if self.failed else "value"), self.held


class StreamPrinter:
    """Name and incarnation, then a line for each shard, closed ones too."""

    def __init__(self, value):
        owner = value["state_"]
        state = pointer_in(owner).cast(owner.type.strip_typedefs().template_argument(0).pointer())
        self.state = state.dereference() if int(state) else None
        self.shards = elements(self.state["shards"]["owned_"]) if int(state) else None

    def to_string(self):
        if self.state is None:
            return "stream moved from"
        first, last = self.shards
        manifest = self.state["housing"]["manifest_"]
        return (f"stream \"{text(manifest['name'])}\", incarnation {int(manifest['incarnation']['value_'])}, "
                f"{int(last - first)} shards")

    def children(self):
        if self.state is None:
            return
        first, last = self.shards
        kind = first.dereference().type.strip_typedefs().template_argument(0).pointer()
        for i in range(int(last - first)):
            yield f"[{i}]", pointer_in((first + i).dereference()).cast(kind).dereference()


LINES = {
    "ShardId": shard_id,
    "Incarnation": lambda value: str(int(value["value_"])),
    "SequenceNumber": sequence_number,
    "HashKey": hash_key,
    "HashKeyRange": hash_key_range,
    "Put": put,
    "PutRange": put_range,
    "Failure": failure,
    "Position": position,
    "BasicPartitionKey": partition_key,
    "BytesView": bytes_view,
    "Bytes": owned_bytes,
    "Shard": shard,
    "Batch": batch,
    "Record": record,
    "Iterator": iterator,
}


def printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter("weir")

    def add(name, printer):
        # The inline namespace carries the version and the switches: v0_eap, say. Nothing nested is meant.
        collection.add_printer(name, rf"^weir::(?:v\w+::)?{name}(?:<.*>)?$", printer)

    for name, render in LINES.items():
        add(name, lambda value, render=render: Plain(render, value))
    add("Result", ResultPrinter)
    add("Stream", StreamPrinter)
    return collection


gdb.printing.register_pretty_printer(gdb.current_objfile(), printers(), replace=True)
