#!/usr/bin/env python3
"""Decoder of ModelPack containers, version 1, independent of the C# library.

Written from the normative texts alone, which it cites by name and section:

    FORMAT        src/ModelPack/Container/FORMAT.md and container.proto
    PLANES        src/ModelPack/Planes/SPEC.md
    CONSTANT, CONTEXT ANS, HUFFMAN, LANE ANS, LZ, LZW, STORED
                  src/ModelPack/Coding/*/SPEC.md
    XXHASH        the xxHash specification (doc/xxhash_spec.md of that project)

It is made to be read: it checks everything that the texts tell a reader to check, holds the whole container in memory,
and does nothing for speed that would cost clarity. Python 3.8 or later, standard library only.

    mpk_decode.py CONTAINER            verify
    mpk_decode.py CONTAINER -o OUT     verify, then write the file or folder OUT, which must not exist
    mpk_decode.py CONTAINER --list     list entries and tensors, from the index alone
    … --base BASE                      the file or folder that the container is a difference to

CONTAINER may be the list of a container in parts, or its first part.

Exit code 0, or 1 and one line "CONTAINER: at offset N: reason". Several containers may be named; see --help.
"""

import argparse
import contextlib
import hashlib
import os
import re
import struct
import sys
import zlib

MAX_BLOCK = 1 << 24                      # FORMAT, "Limits"
MAX_BLOCK_PAYLOAD = 19_922_944
MAX_FILE_MESSAGE = 65_536
MAX_INDEX = 1 << 30
MAX_BASE_MESSAGE = 1 << 20
MAX_BASE_FILES = 16_384
MAX_LENGTH = (1 << 63) - 1
MAX_LINKS = 65_536                       # FORMAT, "Entries"
MAX_LINK = 4_095
MAX_LINK_STEPS = 40
MAX_LINK_PARTS = 255


class Refused(Exception):
    """The container breaks a rule. The offset, in the container, is added by the innermost `at` around."""

    def __init__(self, reason, offset=None):
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def require(condition, reason):
    if not condition:
        raise Refused(reason)


@contextlib.contextmanager
def at(offset):
    """Gives a refusal inside the block its place in the container, if nothing deeper did."""
    try:
        yield
    except Refused as refused:
        if refused.offset is None:
            refused.offset = offset
        raise


# ---------------------------------------------------------------------------------------------------------- XXH3, 64 bits

MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF
PRIME32_1, PRIME32_2, PRIME32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
PRIME64_1, PRIME64_2, PRIME64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
PRIME64_4, PRIME64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
PRIME_MX1, PRIME_MX2 = 0x165667919E3779F9, 0x9FB21C651E98DF25

DEFAULT_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")


def word(data, offset):
    """The little-endian 64-bit word at an offset."""
    return int.from_bytes(data[offset:offset + 8], "little")


def rotate_left(x, bits):
    return ((x << bits) | (x >> (64 - bits))) & MASK64


def fold(a, b):
    """Lower half xor higher half of the 128-bit product of two 64-bit numbers."""
    product = (a & MASK64) * (b & MASK64)
    return (product & MASK64) ^ (product >> 64)


def avalanche(x):
    """XXHASH, "Final Mixing Step", avalanche()."""
    x &= MASK64
    x = ((x ^ (x >> 37)) * PRIME_MX1) & MASK64
    return x ^ (x >> 32)


def avalanche_xxh64(x):
    """XXHASH, "Final Mixing Step", avalanche_XXH64()."""
    x &= MASK64
    x = ((x ^ (x >> 33)) * PRIME64_2) & MASK64
    x = ((x ^ (x >> 29)) * PRIME64_3) & MASK64
    return x ^ (x >> 32)


def xxh3(data, seed=0):
    """XXH3_64bits_withSeed: XXHASH, "XXH3 Algorithm Description"."""
    data = bytes(data)
    if len(data) <= 16:
        return xxh3_small(data, seed)
    if len(data) <= 240:
        return xxh3_medium(data, seed)
    return xxh3_large(data, seed)


def xxh3_small(data, seed):
    """XXHASH, "for small inputs": empty, 1-3, 4-8 and 9-16 bytes."""
    length, secret = len(data), DEFAULT_SECRET
    if length == 0:
        return avalanche_xxh64(seed ^ word(secret, 56) ^ word(secret, 64))
    if length <= 3:
        combined = data[-1] | length << 8 | data[0] << 16 | data[length >> 1] << 24
        flip = (word(secret, 0) & MASK32) ^ (word(secret, 0) >> 32)
        return avalanche_xxh64((flip + seed) ^ combined)
    if length <= 8:
        seed ^= int.from_bytes((seed & MASK32).to_bytes(4, "big"), "little") << 32
        first, last = int.from_bytes(data[:4], "little"), int.from_bytes(data[-4:], "little")
        x = (((word(secret, 8) ^ word(secret, 16)) - seed) & MASK64) ^ (last | first << 32)
        x ^= rotate_left(x, 49) ^ rotate_left(x, 24)
        x = (x * PRIME_MX2) & MASK64
        x ^= (x >> 35) + length
        x = (x * PRIME_MX2) & MASK64
        return x ^ (x >> 28)
    low = (((word(secret, 24) ^ word(secret, 32)) + seed) & MASK64) ^ word(data, 0)
    high = (((word(secret, 40) ^ word(secret, 48)) - seed) & MASK64) ^ word(data, length - 8)
    return avalanche(length + int.from_bytes(low.to_bytes(8, "big"), "little") + high + fold(low, high))


def xxh3_medium(data, seed):
    """XXHASH, "for medium inputs": 17-128 and 129-240 bytes."""
    length = len(data)

    def mix(offset, secret_offset):
        return fold(word(data, offset) ^ ((word(DEFAULT_SECRET, secret_offset) + seed) & MASK64),
                    word(data, offset + 8) ^ ((word(DEFAULT_SECRET, secret_offset + 8) - seed) & MASK64))

    total = length * PRIME64_1
    if length <= 128:
        for i in range((length - 1) // 32 + 1):
            total += mix(16 * i, 32 * i) + mix(length - 16 * i - 16, 32 * i + 16)
        return avalanche(total)
    total = avalanche(total + sum(mix(16 * i, 16 * i) for i in range(8)))
    total += sum(mix(16 * i, 16 * (i - 8) + 3) for i in range(8, length // 16))
    return avalanche(total + mix(length - 16, 119))


def xxh3_large(data, seed):
    """XXHASH, "for large inputs": more than 240 bytes."""
    secret = b"".join(struct.pack("<QQ", (word(DEFAULT_SECRET, i) + seed) & MASK64,
                                  (word(DEFAULT_SECRET, i + 8) - seed) & MASK64) for i in range(0, 192, 16))
    acc = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1]
    keys = [struct.unpack_from("<8Q", secret, 8 * n) for n in range(16)]     # of each stripe in a block
    scramble = struct.unpack_from("<8Q", secret, 128)

    def accumulate(offset, stripe_keys):
        stripe = struct.unpack_from("<8Q", data, offset)
        for i in range(8):
            value = stripe[i] ^ stripe_keys[i]
            acc[i ^ 1] += stripe[i]
            acc[i] += (value & MASK32) * (value >> 32)

    blocks = (len(data) - 1) // 1024
    for block in range(blocks):
        for n in range(16):
            accumulate(1024 * block + 64 * n, keys[n])
        for i in range(8):
            x = acc[i] & MASK64
            acc[i] = ((x ^ (x >> 47) ^ scramble[i]) * PRIME32_1) & MASK64
    for n in range((len(data) - 1 - 1024 * blocks) // 64):
        accumulate(1024 * blocks + 64 * n, keys[n])
    accumulate(len(data) - 64, struct.unpack_from("<8Q", secret, 192 - 71))

    result = len(data) * PRIME64_1
    for i in range(4):
        result += fold((acc[2 * i] & MASK64) ^ word(secret, 11 + 16 * i),
                       (acc[2 * i + 1] & MASK64) ^ word(secret, 11 + 16 * i + 8))
    return avalanche(result)


# ------------------------------------------------------------------------------------------------------------ wire reading

class Cursor:
    """Reads bytes from start to end and refuses to pass the end."""

    def __init__(self, data, start, end):
        self.data, self.position, self.end = data, start, end

    def take(self, count, what):
        if count > self.end - self.position:
            raise Refused(f"{what}: {count} bytes needed, {self.end - self.position} left", self.position)
        self.position += count
        return self.data[self.position - count:self.position]

    def u8(self, what):
        return self.take(1, what)[0]

    def varint(self, what):
        """FORMAT, "Integers": at most 32 bits, shortest form."""
        start, value = self.position, 0
        with at(start):
            for shift in range(0, 35, 7):
                byte = self.u8(what)
                value |= (byte & 0x7F) << shift
                if byte < 0x80:
                    require(shift == 0 or byte != 0, f"{what}: varint not in its shortest form")
                    require(value <= MASK32, f"{what}: varint of more than 32 bits")
                    return value
            raise Refused(f"{what}: varint of more than 32 bits")

    def message_varint(self):
        """A varint of Protocol Buffers: at most 10 bytes, cut to 64 bits, any form."""
        start, value = self.position, 0
        for shift in range(0, 70, 7):
            byte = self.u8("message varint")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & MASK64
        raise Refused("message varint of more than 10 bytes", start)


# container.proto: field number -> (name, type); a message type is a dictionary, a list of one type is "repeated".
FILE_START = {1: ("path", "string"), 2: ("length", "uint64"), 3: ("format", "uint32"), 4: ("has_sha256", "bool"),
              5: ("kind", "uint32"), 6: ("is_executable", "bool"), 7: ("modified", "optional sint64"),
              8: ("link_target", "string")}
FILE_END = {1: ("checksum", "fixed64"), 2: ("sha256", "bytes")}
TENSOR_ENTRY = {1: ("name", "string"), 2: ("dtype", "uint32"), 3: ("shape", ["uint64"]), 4: ("encoding", "uint32"),
                5: ("packed_length", "uint64"), 6: ("plane_coders", "bytes"), 7: ("plane_packed_lengths", ["uint64"]),
                8: ("repeated_length", "uint64"), 9: ("base_length", "uint64"), 10: ("external_file", "uint32"),
                11: ("external_offset", "uint64"), 12: ("external_length", "uint64")}
FILE_ENTRY = {1: ("start", FILE_START), 2: ("end", FILE_END), 3: ("first_frame", "uint64"),
              4: ("blocks_offset", "uint64"), 5: ("block_packed_lengths", ["uint32"]), 6: ("block_lengths", ["uint32"]),
              7: ("tensors", [TENSOR_ENTRY]), 8: ("segment_lengths", ["uint64"]), 9: ("segment_owners", ["uint32"]),
              12: ("is_leading", "bool")}
BASE_FILE = {1: ("path", "string"), 2: ("length", "uint64"), 3: ("sha256", "bytes")}
BASE_MODEL = {1: ("name", "string"), 2: ("files", [BASE_FILE])}
INDEX = {1: ("files", [FILE_ENTRY]), 2: ("base", BASE_MODEL)}

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5     # wire types
DEFAULTS = {"string": "", "bytes": b"", "bool": False, "optional sint64": None}
FROM_VARINT = {"uint32": lambda v: v & MASK32, "uint64": lambda v: v, "bool": lambda v: v != 0,
               "optional sint64": lambda v: (v >> 1) ^ -(v & 1)}


def empty_message(fields):
    """Defaults, and None for an absent message; unknown fields are kept so that messages can be compared."""
    message = {name: [] if isinstance(kind, list) else None if isinstance(kind, dict) else DEFAULTS.get(kind, 0)
               for name, kind in fields.values()}
    message["unknown"] = {}
    return message


def read_message(cursor, fields, into=None):
    """A proto3 message (protobuf.dev, "Encoding") as a dictionary with a value for every field.

    A known field with another wire type counts as unknown; the last of several values counts, and several values of a
    singular message merge.
    """
    message = empty_message(fields) if into is None else into
    while cursor.position < cursor.end:
        start = cursor.position
        with at(start):
            key = cursor.message_varint()
            number, wire = key >> 3, key & 7
            require(1 <= number < 1 << 29, f"message field number {number}")
            require(wire in (VARINT, FIXED64, BYTES, FIXED32), f"message wire type {wire}")
            if wire == VARINT:
                value = cursor.message_varint()
            elif wire == BYTES:
                value = cursor.take(cursor.message_varint(), "message field")
            else:
                value = cursor.take(8 if wire == FIXED64 else 4, "message field")
            name, kind = fields.get(number, (None, None))
            repeated = isinstance(kind, list)
            kind = kind[0] if repeated else kind
            inner = Cursor(cursor.data, cursor.position - len(value), cursor.position) if wire == BYTES else None
            if isinstance(kind, dict) and wire == BYTES:
                if repeated:
                    message[name].append(read_message(inner, kind))
                else:
                    message[name] = read_message(inner, kind, message[name])
            elif kind == "string" and wire == BYTES:
                try:
                    message[name] = str(value, "utf-8")
                except UnicodeDecodeError:
                    raise Refused(f"{name} is not UTF-8") from None
            elif kind == "bytes" and wire == BYTES:
                message[name] = bytes(value)
            elif kind == "fixed64" and wire == FIXED64:
                message[name] = word(value, 0)
            elif isinstance(kind, str) and kind in FROM_VARINT and wire == VARINT:
                if repeated:
                    message[name].append(FROM_VARINT[kind](value))
                else:
                    message[name] = FROM_VARINT[kind](value)
            elif repeated and wire == BYTES:           # packed numbers
                while inner.position < inner.end:
                    message[name].append(FROM_VARINT[kind](inner.message_varint()))
            else:
                message["unknown"].setdefault((number, wire), []).append(value)
    return message


# ------------------------------------------------------------------------------------------------------------------ coders

class Stored:
    """STORED."""

    @staticmethod
    def decode(coded, n):
        require(len(coded) == n, f"Stored: {len(coded)} coded bytes for a plane of {n}")
        return bytes(coded)


class Constant:
    """CONSTANT."""

    @staticmethod
    def decode(coded, n):
        require(len(coded) == 1, f"Constant: {len(coded)} coded bytes instead of 1")
        return bytes(coded) * n


class BitReader:
    """Bits packed least significant first: HUFFMAN, "Bits"; LZW, "Bits"."""

    def __init__(self, data):
        self.data = data
        self.next = 0            # byte to load
        self.bits = 0            # loaded and not yet read
        self.count = 0

    def peek(self, count):
        """The next bits as a number, the first bit lowest; behind the data there are zeros."""
        if self.count < count:
            more = self.data[self.next:self.next + 8]
            self.bits |= int.from_bytes(more, "little") << self.count
            self.next += len(more)
            self.count += 8 * len(more)
        return self.bits & ((1 << count) - 1)

    def skip(self, count):
        require(count <= self.count, "the coded bits end too early")
        self.bits >>= count
        self.count -= count

    def read(self, count):
        value = self.peek(count)
        self.skip(count)
        return value

    def byte_position(self):
        """Passes the padding to a whole byte, which must be zero, and returns the number of bytes read."""
        require(self.read(self.count % 8) == 0, "padding bits are not zero")
        return self.next - self.count // 8

    def end(self):
        """Demands that only zero bits of padding, less than a byte, are left."""
        require(self.byte_position() == len(self.data), "coded bytes are left over")


class Huffman:
    """HUFFMAN."""

    STREAMS = {1: 1, 2: 4, 3: 8}

    @classmethod
    def decode(cls, coded, n):
        reader = BitReader(coded)
        code = reader.read(2)
        if code == 0:
            value = reader.read(8)
            reader.end()
            return bytes([value]) * n
        count = cls.STREAMS[code]
        require(count <= n, f"Huffman: {count} streams for {n} bytes")
        lookup = cls.lookup(cls.read_lengths(reader))
        position = reader.byte_position()

        part = n // count
        parts = [part] * (count - 1) + [n - part * (count - 1)]
        field = 2 if part * 12 // 8 + 1 <= 65535 else 4
        cursor = Cursor(coded, position, len(coded))
        lengths = [int.from_bytes(cursor.take(field, "Huffman stream length"), "little") for _ in range(count - 1)]
        lengths.append(max(0, cursor.end - cursor.position - sum(lengths)))
        plane = bytearray()
        for q, length in zip(parts, lengths):
            require(1 <= length <= q * 12 // 8 + 1, f"Huffman: a stream of {length} bytes for {q} symbols")
            plane += cls.decode_stream(cursor.take(length, "Huffman stream"), q, lookup)
        return bytes(plane)

    @staticmethod
    def read_lengths(reader):
        """HUFFMAN, "Table": symbol -> code length."""
        lengths, symbol, kraft, previous, after_gap = {}, 0, 0, 8, False
        while kraft < 4096:
            require(symbol < 256, "Huffman: the table ends with a Kraft sum below 4096")
            if reader.read(1) == 0:
                length = previous
            elif reader.read(1) == 0:
                length = previous + (1 if reader.read(1) == 0 else -1)
            elif reader.read(1) == 0:
                require(not after_gap, "Huffman: a gap behind a gap")
                width = 0
                while reader.read(1) == 0:
                    width += 1
                    require(width <= 7, "Huffman: a gap of more than 8 bits")
                symbol += (1 << width) + reader.read(width)
                after_gap = True
                continue
            else:
                length = reader.read(4)
                require(abs(length - previous) >= 2, "Huffman: a length written out that is near the one before")
            require(1 <= length <= 12, f"Huffman: a code length of {length}")
            lengths[symbol] = previous = length
            kraft += 1 << (12 - length)
            symbol += 1
            after_gap = False
        require(kraft == 4096, "Huffman: the Kraft sum passes 4096")
        return lengths

    @staticmethod
    def lookup(lengths):
        """HUFFMAN, "Codes": for each 12 bits that may come next, (symbol, code length)."""
        table, code, length_before = [None] * 4096, 0, 0
        for symbol, length in sorted(lengths.items(), key=lambda item: (item[1], item[0])):
            code <<= length - length_before
            length_before = length
            first_bit_lowest = int(format(code, f"0{length}b")[::-1], 2)
            for entry in range(first_bit_lowest, 4096, 1 << length):
                table[entry] = (symbol, length)
            code += 1
        return table

    @staticmethod
    def decode_stream(stream, count, lookup):
        reader, out = BitReader(stream), bytearray()
        for _ in range(count):
            symbol, length = lookup[reader.peek(12)]
            reader.skip(length)
            out.append(symbol)
        require(reader.read(1) == 1, "Huffman: a stream without its end mark")
        reader.end()
        return out


class Lzw:
    """LZW."""

    @classmethod
    def decode(cls, coded, n):
        reader, plane = BitReader(coded), bytearray()
        entries, k, before = [], 0, b""        # entries[i] is the dictionary's entry number 257 + i
        while len(plane) < n:
            code = reader.read(max(9, min(16, (256 + k).bit_length())))       # "Width"
            if code == 256:
                require(k >= 65280, "LZW: a reset before the dictionary is full")
                entries, k = [], 0
                continue
            require(code < min(257 + k, 65536) and (k > 0 or code < 256), f"LZW: code {code} after {k} codes")
            if code < 256:
                string = bytes([code])
            elif code - 257 < len(entries):
                string = entries[code - 257]
            else:
                string = before + before[:1]
            if k > 0 and 256 + k < 65536:
                entries.append(before + string[:1])
            require(len(string) <= n - len(plane), "LZW: a string passes the plane's end")
            plane += string
            before, k = string, k + 1
        reader.end()
        return bytes(plane)


class LaneAns:
    """LANE ANS."""

    ESCAPE = -1

    @classmethod
    def decode(cls, coded, n):
        cursor = Cursor(coded, 0, len(coded))              # "Layout"
        flags = cursor.u8("Lane ANS flags")
        require(flags < 16, f"Lane ANS: flags {flags:#04x}")
        log_states, groups, tables = 7 + (flags & 1), 1 + (flags >> 1 & 1), 1 + (flags >> 2)
        states = 1 << log_states
        count = cursor.u8("Lane ANS symbol count")
        require(1 <= count <= 40, f"Lane ANS: {count} symbols")
        symbols = cursor.take(count, "Lane ANS symbols")
        require(all(a < b for a, b in zip(symbols, symbols[1:])), "Lane ANS: symbols are not ascending")
        frequencies = [[f + (tables == 1) for f in cursor.take(count, "Lane ANS frequencies")] for _ in range(tables)]
        for own in frequencies:
            require(sum(own) <= states, f"Lane ANS: frequencies add up to {sum(own)} of {states}")
        require(all(map(any, zip(*frequencies))), "Lane ANS: a symbol is in no table")
        chunk_tables = cls.chunk_tables(cursor, -(-n // 256), tables)
        literal_count = int.from_bytes(cursor.take(4, "Lane ANS literal count"), "little")
        require(literal_count <= n, f"Lane ANS: {literal_count} literals for {n} bytes")
        positions = list(cursor.take(8 * groups, "Lane ANS positions"))
        require(max(positions) < 64, "Lane ANS: a start position above 63")
        lanes = list(cursor.take(64 * groups, "Lane ANS states"))
        require(max(lanes) < states, "Lane ANS: a start state out of range")
        literals = cursor.take(literal_count, "Lane ANS literals")
        in_all = {symbol for symbol, own in zip(symbols, zip(*frequencies)) if all(own)}
        require(not set(literals) & in_all, "Lane ANS: a literal that is a symbol of every table")
        rest = cursor.take(cursor.end - cursor.position, "Lane ANS words")
        require(len(rest) % 8 == 0, "Lane ANS: the words end within a word")
        words = [word(rest, i) for i in range(0, len(rest), 8)]
        require(not words or words[-1] != 0, "Lane ANS: the last word is zero")

        built = [cls.table(log_states, list(zip(symbols, own)) + [(cls.ESCAPE, states - sum(own))]) for own in frequencies]
        return cls.decode_lanes(n, groups, [built[t] for t in chunk_tables], positions, lanes, literals, words)

    @staticmethod
    def chunk_tables(cursor, chunks, tables):
        """LANE ANS, "Tables": the number of each chunk's table."""
        if tables == 1:
            return [0] * chunks
        packed = cursor.take(-(-chunks // 4), "Lane ANS chunk tables")
        numbers = [byte >> shift & 3 for byte in packed for shift in (0, 2, 4, 6)]
        require(max(numbers[:chunks]) < tables, "Lane ANS: a chunk has a table that is not there")
        require(not any(numbers[chunks:]), "Lane ANS: a bit is set behind the last chunk")
        return numbers[:chunks]

    @staticmethod
    def table(log_states, slots):
        """LANE ANS, "Tables": for each state (bits, base, symbol)."""
        states = 1 << log_states
        table, state = [None] * states, 0
        for symbol, frequency in slots:
            own = []
            for _ in range(frequency):
                own.append(state)
                state = (state + states // 2 + states // 8 + 3) % states
            for x, s in enumerate(sorted(own), frequency):
                bits = log_states - (x.bit_length() - 1)
                table[s] = (bits, (x << bits) - states, symbol)
        return table

    @classmethod
    def decode_lanes(cls, n, groups, table_of_chunk, positions, lanes, literals, words):
        """LANE ANS, "Lanes and windows", "Escapes" and "End". A window is one number: upper word above lower word."""
        next_word = 0

        def take_word():
            nonlocal next_word
            next_word += 1
            return words[next_word - 1] if next_word <= len(words) else 0

        windows = []
        for _ in range(groups):
            lower = [take_word() for _ in range(8)]
            windows += [low | take_word() << 64 for low in lower]
        for window, position in zip(windows, positions):
            require(window & ((1 << position) - 1) == 0, "Lane ANS: bits below a start position are not zero")

        out, escapes = bytearray(), iter(literals)
        for step in range(0, n, 64 * groups):
            active, table = min(64 * groups, n - step), table_of_chunk[step // 256]
            for first in range(0, active, 8):
                w = first // 8
                window, position = windows[w], positions[w]
                for lane in range(first, min(first + 8, active)):
                    bits, base, symbol = table[lanes[lane]]
                    lanes[lane] = base + ((window >> position) & ((1 << bits) - 1))
                    position += bits
                    if symbol == cls.ESCAPE:
                        symbol = next(escapes, None)
                        require(symbol is not None, "Lane ANS: more escapes than literals")
                    out.append(symbol)
                if position >= 64:
                    windows[w] = window >> 64 | take_word() << 64
                    position -= 64
                positions[w] = position

        require(next(escapes, None) is None, "Lane ANS: literals are left over")
        require(not any(lanes), "Lane ANS: a state is not 0 at the end")
        require(all(p == 63 for p in positions), "Lane ANS: a position is not 63 at the end")
        require(all(window >> 63 == 0 for window in windows), "Lane ANS: bits are left over")
        require(next_word >= len(words), "Lane ANS: words are left over")
        return bytes(out)


class ContextAns:
    """CONTEXT ANS."""

    LANES, TOTAL = 32, 1024
    UNSIGNED, SIGNED, ROTATED_EXPONENT, HALF_EXPONENT = range(4)

    @classmethod
    def decode(cls, coded, n):
        header = cls.read_header(coded, n)
        cursor = Cursor(coded, header["length"], len(coded))
        states = list(struct.unpack("<32I", cursor.take(128, "Context ANS states")))
        require(min(states) >= 1 << 16, "Context ANS: a start state below 65536")
        literals = cursor.take(header["literals"], "Context ANS literals")
        rest = cursor.take(cursor.end - cursor.position, "Context ANS words")
        require(len(rest) % 2 == 0, "Context ANS: the words end within a word")
        words = struct.unpack(f"<{len(rest) // 2}H", rest)
        elements = bytearray(cls.decode_elements(header, n, states, words))

        place = elements.find(header["marker"])                 # "Literals"
        for literal in literals:
            require(place >= 0, "Context ANS: literals are left over")
            elements[place] = literal
            place = elements.find(header["marker"], place + 1)
        require(place < 0, "Context ANS: more markers than literals")
        return group(elements) if header["group order"] else bytes(elements)

    @classmethod
    def read_header(cls, coded, n):
        """CONTEXT ANS, "Header", "Scales"."""
        fixed = Cursor(coded, 0, len(coded)).take(27, "Context ANS header")
        (flags, origin, tile, marker, lowest, contexts, first_element, row_tiles, first_column, literals, scale_weight,
         tile_weight, threshold) = struct.unpack("<7B3I2Hi", fixed)
        require(flags < 16, f"Context ANS: flags {flags:#04x}")
        require(1 <= tile <= 64 and first_element < tile, f"Context ANS: element {first_element} of a tile of {tile}")
        require(1 <= contexts <= 32, f"Context ANS: {contexts} contexts")
        require(1 <= row_tiles <= 1 << 24 and first_column < row_tiles, f"Context ANS: column {first_column} of {row_tiles}")
        require(literals <= n, f"Context ANS: {literals} literals for {n} bytes")
        require(abs(threshold) <= 1 << 30, f"Context ANS: a threshold of {threshold}")
        kind, columns = flags & 3, row_tiles if flags & 8 else 0
        rows = ((n - 1 + first_element) // tile + first_column) // row_tiles + 1

        reader = BitReader(coded[27:])
        borders = [reader.read(6) for _ in range(contexts - 1)]
        require(all(a < b for a, b in zip([0] + borders, borders)), "Context ANS: borders are not ascending")
        row_scales = cls.read_scales(reader, rows, 32, 0, 63)
        column_scales = cls.read_scales(reader, columns, 0, -64, 63) if columns else None
        tables = cls.read_tables(reader, kind, lowest, contexts)
        end = 27 + reader.byte_position()
        check = int.from_bytes(Cursor(coded, end, len(coded)).take(4, "Context ANS check"), "little")
        require(check == zlib.crc32(coded[:end]), "Context ANS: the header's check does not match")
        return {"length": end + 4, "kind": kind, "group order": bool(flags & 4), "origin": origin, "tile": tile,
                "marker": marker, "first element": first_element, "row tiles": row_tiles, "first column": first_column,
                "literals": literals, "grid": (scale_weight, tile_weight, threshold), "borders": borders,
                "rows": row_scales, "columns": column_scales, "tables": tables}

    @staticmethod
    def read_number(reader, order):
        """CONTEXT ANS, "Numbers"."""
        zeros = 0
        while reader.read(1) == 0:
            zeros += 1
            require(zeros <= 11, "Context ANS: a number of more than 11 zero bits")
        high = (1 << zeros) + reader.read(zeros) - 1
        return (high << order) + reader.read(order)

    @classmethod
    def read_scales(cls, reader, count, before, least, most):
        order, scales = reader.read(3), []
        for _ in range(count):
            m = cls.read_number(reader, order)
            before += m // 2 if m % 2 == 0 else -(m + 1) // 2
            require(least <= before <= most, f"Context ANS: a scale of {before}")
            scales.append(before)
        return scales

    @classmethod
    def read_tables(cls, reader, kind, lowest, contexts):
        """CONTEXT ANS, "Tables": for each context the frequency of each byte."""
        tables = []
        for _ in range(contexts):
            frequencies, value, before, left = [0] * 256, lowest, 0, cls.TOTAL
            while left > 0:
                require(value < 256, "Context ANS: a table that does not add up to 1024")
                byte = cls.byte_of(kind, value)
                expected = (before + tables[-1][byte] + 1) >> 1 if tables else before
                m = cls.read_number(reader, expected.bit_length() >> 1)
                before = (m if m > 2 * expected else expected + (m + 1) // 2 if m % 2 else expected - m // 2)
                require(before <= left, "Context ANS: a frequency of more than is left")
                frequencies[byte] = before
                left -= before
                value += 1
            tables.append(frequencies)
        return tables

    @classmethod
    def byte_of(cls, kind, value):
        if kind == cls.SIGNED:
            return value ^ 128
        return (value >> 1 | value << 7) & 255 if kind == cls.ROTATED_EXPONENT else value

    @classmethod
    def magnitude(cls, kind, origin, value):
        """CONTEXT ANS, "Values"."""
        if kind == cls.ROTATED_EXPONENT:
            return 1 << max(0, min(11, value - origin))
        if kind == cls.HALF_EXPONENT:
            x = max(0, min(23, value - origin))
            return ((2 + x % 2) << x // 2) >> 1
        return 16 * abs(value - origin) + 2

    @staticmethod
    def logarithm(x):
        """CONTEXT ANS, "Contexts"."""
        w = x.bit_length() - 1
        return 256 * (w - 1) + (256 * x >> w)

    @classmethod
    def scale(cls, header, tile):
        """CONTEXT ANS, "Tiles"."""
        row, column = divmod(tile + header["first column"], header["row tiles"])
        scale = header["rows"][row]
        return scale if header["columns"] is None else max(0, min(63, scale + header["columns"][column]))

    @classmethod
    def decode_elements(cls, header, n, states, words):
        """CONTEXT ANS, "Contexts" and "Decoding"."""
        magnitudes = {cls.byte_of(header["kind"], value): cls.magnitude(header["kind"], header["origin"], value)
                      for value in range(256)}
        tables = []                                      # for each context and slot: byte, frequency, first slot
        for frequencies in header["tables"]:
            table = []
            for byte, frequency in enumerate(frequencies):
                table += [(byte, frequency, len(table))] * frequency
            tables.append(table)
        context_of = [sum(border <= cell for border in header["borders"]) for cell in range(64)]
        scale_weight, tile_weight, threshold = header["grid"]

        length, first, out, next_word = header["tile"], header["first element"], bytearray(n), 0
        for start in range(-first, n, cls.LANES * length):
            group_tile = (start + first) // length
            lanes = range(min(cls.LANES, (n + first + length - 1) // length - group_tile))
            scales = [cls.scale(header, group_tile + lane) for lane in lanes]
            sums = [(12, 14, 17, 20)[s % 4] << s // 4 for s in scales]
            for k in range(length):
                count = cls.logarithm(2 * k + 3)
                for lane in lanes:
                    e = start + lane * length + k
                    if not 0 <= e < n:
                        continue
                    level = 64 * scale_weight * scales[lane] + tile_weight * (cls.logarithm(sums[lane]) - count) - threshold
                    x = states[lane]
                    slot = x % cls.TOTAL
                    byte, frequency, first_slot = tables[context_of[max(0, min(63, level >> 16))]][slot]
                    x = frequency * (x // cls.TOTAL) + slot - first_slot
                    if x < 1 << 16:
                        require(next_word < len(words), "Context ANS: the words end too early")
                        x = x << 16 | words[next_word]
                        next_word += 1
                    states[lane] = x
                    sums[lane] += 8 * magnitudes[byte]
                    out[e] = byte
        require(next_word == len(words), "Context ANS: words are left over")
        require(all(x == 1 << 16 for x in states), "Context ANS: a state is not 65536 at the end")
        return out


class Lz:
    """LZ."""

    STREAM_CODERS = {0: Stored, 1: Constant, 2: Huffman, 4: LaneAns}

    @classmethod
    def decode(cls, coded, n):
        check, body = int.from_bytes(coded[:4], "little"), coded[4:]      # "Layout"
        require(len(body) > 0 and xxh3(body) & MASK32 == check, "LZ: the check value does not match")
        header = cls.read_header(body, n)
        streams, cursor = {}, Cursor(body, header["end"], len(body))
        for name, entries in header["streams"].items():
            streams[name] = [cls.STREAM_CODERS[coder].decode(cursor.take(size, "LZ stream"), length) if length > 0 else b""
                             for length, coder, size in entries]
        bits = BitReader(cursor.take(cursor.end - cursor.position, "LZ bits"))
        plane = cls.restore(header, {name: [iter(s) for s in own] for name, own in streams.items()}, bits,
                            sum(map(len, streams["tokens"])), n)
        bits.end()
        return plane

    @classmethod
    def read_header(cls, body, n):
        """LZ, "Header"."""
        reader = BitReader(body)
        unit, precision, context = 1 << reader.read(2), reader.read(2), reader.read(2)
        require(n % unit == 0, f"LZ: units of {unit} bytes in a plane of {n}")
        require(context < 3, f"LZ: a token context of {context}")
        header = {"unit": unit, "precision": precision, "context": context, "rotated": False, "first map": None}
        header["token map"] = [reader.read(3) for _ in range(16)] if context > 0 else [0] * 16
        literal_map = lambda: [reader.read(3) for _ in range(32)] if reader.read(1) else [0] * 32
        counts = {"tokens": max(header["token map"]) + 1, "lengths": 1, "offsets": 1, "literals": unit, "firsts": 0}
        if unit > 1:
            header["rotated"] = reader.read(1) == 1
        else:
            header["literal map"] = literal_map()
            counts["literals"] = max(header["literal map"]) + 1
            if reader.read(1):
                header["first map"] = literal_map()
                counts["firsts"] = max(header["first map"]) + 1

        def number():
            width = reader.read(5)
            return (1 << width >> 1) + reader.read(max(0, width - 1))

        header["streams"] = {}
        for name, count in counts.items():
            entries = header["streams"][name] = []
            for i in range(count):
                length = number() if unit == 1 or name != "literals" or i == 0 else entries[0][0]
                entries.append((length, reader.read(3), number()) if length > 0 else (0, 0, 0))
                require(entries[-1][1] in cls.STREAM_CODERS, f"LZ: a stream with coder {entries[-1][1]}")
        header["end"] = reader.byte_position()
        total = {name: sum(entry[0] for entry in entries) for name, entries in header["streams"].items()}
        require(total["tokens"] <= n // unit and total["lengths"] <= 2 * total["tokens"]
                and total["offsets"] <= total["tokens"] and total["literals"] + total["firsts"] <= n, f"LZ: streams of {total} bytes")
        return header

    @classmethod
    def restore(cls, header, streams, bits, token_count, n):
        """LZ, "Sequences", "Tokens", "Numbers" and "Literals"."""
        unit, precision, out, recent, token = header["unit"], header["precision"], bytearray(), [1, 2, 4], 0

        def take(stream, what):
            value = next(stream, None)
            require(value is not None, f"LZ: too few {what}")
            return value

        def length():
            code = take(streams["lengths"][0], "lengths")
            return code if code < 224 else 223 + (1 << code - 224) + bits.read(code - 224)

        def literals(count):
            require(count * unit <= n - len(out), "LZ: literals pass the plane's end")
            for i in range(count):
                if unit > 1:
                    value = int.from_bytes(bytes(take(stream, "literals") for stream in streams["literals"]), "little")
                    if header["rotated"]:
                        value = value >> 1 | (value & 1) << 8 * unit - 1
                    out.extend(value.to_bytes(unit, "little"))
                    continue
                context = out[-1] // 8 if out else 0
                if i == 0 and out and header["first map"]:
                    out.append(take(streams["firsts"][header["first map"][context]], "first literals") ^ out[-recent[0]])
                else:
                    out.append(take(streams["literals"][header["literal map"][context]], "literals"))

        for _ in range(token_count):
            context = (0, token & 15, token >> 4)[header["context"]]
            token = take(streams["tokens"][header["token map"][context]], "tokens")
            run, source, match = token & 3, token >> 2 & 3, token >> 4
            run += length() if run == 3 else 0
            match += (length() if match == 15 else 0) + (2 if unit == 1 else 1)
            literals(run)
            if source == 0:
                code = take(streams["offsets"][0], "offsets")
                width = code >> precision
                require(width <= 24, f"LZ: an offset of code {code}")
                one = 1 << precision
                recent = [(code % one + one << width) + bits.read(width) - one + 1] + recent[:2]
            else:
                recent.insert(0, recent.pop(source - 1))
            start = len(out) - recent[0] * unit
            require(start >= 0, "LZ: an offset reaches before the plane")
            require(match * unit <= n - len(out), "LZ: a match passes the plane's end")
            for i in range(match * unit):
                out.append(out[start + i])
        literals((n - len(out)) // unit)
        require(all(next(stream, None) is None for own in streams.values() for stream in own), "LZ: streams are left over")
        return bytes(out)


CODERS = {0: Stored, 1: Constant, 2: Huffman, 3: Lzw, 4: LaneAns, 5: ContextAns, 6: Lz}


# ------------------------------------------------------------------------------------------------------------------ planes

def ungroup(plane):
    """PLANES, "Orders": a plane in group order as one in natural order."""
    out, full = bytearray(plane), len(plane) - len(plane) % 64
    for b in range(64):
        i, j = b % 16, b // 16
        out[8 * j + i if i < 8 else 32 + 8 * j + (i - 8):full:64] = plane[b:full:64]
    return out


def group(elements):
    """PLANES, "Orders": the way back."""
    out, full = bytearray(elements), len(elements) - len(elements) % 64
    for b in range(64):
        i, j = b % 16, b // 16
        out[b:full:64] = elements[8 * j + i if i < 8 else 32 + 8 * j + (i - 8):full:64]
    return bytes(out)


def join_bytes(planes):
    """PLANES, "Bytes" and "Bytes2, Bytes4, Bytes8"."""
    out = bytearray(len(planes[0]) * len(planes))
    for p, plane in enumerate(planes):
        out[p::len(planes)] = plane
    return out


def swap_top_bits(a, b):
    """Each byte of a with the top bit of the one of b."""
    return bytes(x & 0x7F | y & 0x80 for x, y in zip(a, b))


def join_bfloat16(planes):
    """PLANES, "BFloat16"."""
    p0, p1 = map(ungroup, planes)
    return join_bytes([swap_top_bits(p1, p0), swap_top_bits(p0, p1)])


def join_float32(planes):
    """PLANES, "Float32"."""
    p0, p1, p2, p3 = map(ungroup, planes)
    return join_bytes([p3, p2, swap_top_bits(p1, p0), swap_top_bits(p0, p1)])


def join_float16(planes):
    """PLANES, "Float16"."""
    n, packed = len(planes[0]), planes[2]
    require(max(planes[0]) < 64, "Float16: a byte above 63 in plane 0")
    require(n % 4 == 0 or packed[-1] >> 2 * (n % 4) == 0, "Float16: a bit set where plane 2 has no pair")
    pairs, full = bytearray(n), n - n % 64
    for position in range(n):
        if position < full:
            k, shift = position // 64 * 16 + position % 16, position % 64 // 16 * 2
        else:
            k, shift = full // 4 + (position - full) // 4, (position - full) % 4 * 2
        pairs[position] = packed[k] >> shift & 3
    top = bytes((pair >> 1) << 7 | p0 << 1 | pair & 1 for pair, p0 in zip(pairs, planes[0]))
    return join_bytes([ungroup(planes[1]), ungroup(top)])


def join_float64(planes):
    """PLANES, "Float64"."""
    out = bytearray()
    for element in zip(*planes):
        rotated = int.from_bytes(bytes(element), "big")
        out += (rotated >> 1 | (rotated & 1) << 63).to_bytes(8, "little")
    return out


# id -> name, element size, number of planes, join
LAYOUTS = {0: ("Bytes", 1, 1, join_bytes), 1: ("Float16", 2, 3, join_float16), 2: ("BFloat16", 2, 2, join_bfloat16),
           3: ("Float32", 4, 4, join_float32), 4: ("Float64", 8, 8, join_float64), 5: ("Bytes2", 2, 2, join_bytes),
           6: ("Bytes4", 4, 4, join_bytes), 7: ("Bytes8", 8, 8, join_bytes)}


def restore_block(data, start, end, length):
    """FORMAT, "Block payload": the bytes that a block restores."""
    cursor = Cursor(data, start, end)
    with at(start):
        count = cursor.u8("class count")
        require(1 <= count <= 16, f"{count} classes")
        layouts = list(cursor.take(count, "plane layouts"))
        require(all(layout in LAYOUTS for layout in layouts), f"unknown plane layout in {layouts}")
    runs = read_runs(cursor, count, length) if count > 1 else [(0, length)]
    totals = [sum(size for c, size in runs if c == k) for k in range(count)]

    planes = []                          # (class, plane length, coder, coded length, offset of its directory entry)
    for k, layout in enumerate(layouts):
        name, element, plane_count, _ = LAYOUTS[layout]
        with at(start):
            require(totals[k] % element == 0, f"class {k}: {totals[k]} bytes are no whole number of {name} elements")
        n = totals[k] // element
        for p in range(plane_count):
            place = cursor.position
            with at(place):
                coder, coded = cursor.u8("coder"), cursor.varint("coded length")
                require(coder in CODERS, f"unknown coder {coder}")
            planes.append((k, (n + 3) // 4 if (name, p) == ("Float16", 2) else n, coder, coded))
    with at(cursor.position):
        require(sum(plane[3] for plane in planes) == end - cursor.position,
                f"coded planes of {sum(plane[3] for plane in planes)} bytes in {end - cursor.position}")

    decoded = [[] for _ in layouts]
    for k, n, coder, coded in planes:
        place = cursor.position
        try:
            decoded[k].append(CODERS[coder].decode(cursor.take(coded, "coded plane"), n))
        except Refused as refused:
            raise Refused(refused.reason, place) from None
    with at(start):
        elements = [LAYOUTS[layout][3](decoded[k]) for k, layout in enumerate(layouts)]

    out, taken = bytearray(), [0] * count
    for k, size in runs:
        out += elements[k][taken[k]:taken[k] + size]
        taken[k] += size
    return out


def read_runs(cursor, count, length):
    """FORMAT, "Block payload": how the runs divide a block's bytes among its classes."""
    place = cursor.position
    with at(place):
        run_count = cursor.varint("run count")
        require(run_count <= 65_536, f"{run_count} runs")
    runs, seen, before = [], 0, None
    for _ in range(run_count):
        place = cursor.position
        with at(place):
            k, size = cursor.u8("run class"), cursor.varint("run length")
            require(k < count, f"a run of class {k} of {count}")
            require(k <= seen, f"class {k} appears before class {seen}")
            require(k != before, f"two neighbouring runs of class {k}")
            require(size > 0, "an empty run")
        seen, before = max(seen, k + 1), k
        runs.append((k, size))
    with at(place):
        require(seen == count, f"{seen} of {count} classes appear")
        require(sum(size for _, size in runs) == length, "the runs do not add up to the block's length")
    return runs


# --------------------------------------------------------------------------------------------------------------- container

MAGIC = bytes.fromhex("894D504B0D0A1A0A")
END_MAGIC = b"MPK-END\n"
HEADER, FRAME, TRAILER = 32, 24, 40                       # bytes
REPEATS, HAS_BASE, HAS_TREE = 1, 2, 4                     # required features
FILE, BLOCK, FILE_END_FRAME, INDEX_FRAME, BASE_FRAME = 1, 2, 3, 4, 5     # kinds of frames
CODED, REPEAT, DIFFERENCE = 0, 1, 2                       # forms of blocks
KEPT = 1                                                  # flags of blocks
ONE_FILE, FOLDER = 1, 2                                   # contents
IS_FILE, IS_FOLDER, IS_LINK = 0, 1, 2                     # kinds of entries
KINDS = {FILE: ("file", MAX_FILE_MESSAGE), BLOCK: ("block", MAX_BLOCK_PAYLOAD),
         FILE_END_FRAME: ("file-end", MAX_FILE_MESSAGE), INDEX_FRAME: ("index", MAX_INDEX),
         BASE_FRAME: ("base", MAX_BASE_MESSAGE)}
DTYPES = ("", "BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F16", "BF16", "F32", "F64", "C64", "C128",
          "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F4", "U4", "I4", "U2",
          "I2")


class Frame:
    """A frame's header, checked by itself, and the place of its payload."""

    def __init__(self, data, offset, ordinal, features):
        """FORMAT, "Frames", "Forms of blocks" and "Limits"."""
        self.offset, self.ordinal = offset, ordinal
        with at(offset):
            header = Cursor(data, offset, len(data)).take(FRAME, "frame header")
            self.kind, self.form, flags, self.restored, payload, self.checksum, check = struct.unpack("<BBHIIQI", header)
            require(check == xxh3(header[:20], ordinal) & MASK32, f"the check of frame {ordinal} does not match")
            require(self.kind in KINDS, f"frame of unknown kind {self.kind}")
            allowed = {(CODED, 0)}
            if self.kind == BLOCK and features & REPEATS:
                allowed |= {(CODED, KEPT), (REPEAT, 0)}
            if self.kind == BLOCK and features & HAS_BASE:
                allowed |= {(DIFFERENCE, 0)} | ({(DIFFERENCE, KEPT)} if features & REPEATS else set())
            require((self.form, flags) in allowed, f"frame of form {self.form} and flags {flags}")
            self.kept = flags == KEPT
            self.name, limit = KINDS[self.kind]
            require(payload <= limit, f"payload of {payload} bytes in a {self.name} frame")
            least, most = (1, MAX_BLOCK) if self.kind == BLOCK else (0, 0)
            require(least <= self.restored <= most, f"restored length {self.restored} in a {self.name} frame")
            self.payload = offset + FRAME
            self.end = self.payload + payload
            require(self.end <= len(data), f"payload of {payload} bytes, {len(data) - self.payload} left")

    def message(self, data, fields):
        payload = data[self.payload:self.end]
        with at(self.offset):
            require(xxh3(payload) == self.checksum, f"the checksum of the {self.name} message does not match")
        return read_message(Cursor(data, self.payload, self.end), fields)


def read_header(data):
    """FORMAT, "Header": the content and the required features."""
    with at(0):
        require(data[:8] == MAGIC[:len(data)], "not a ModelPack container")
        require(len(data) >= HEADER, f"{len(data)} bytes are too few for a header")
        version, content, required, _, reserved, checksum = struct.unpack("<8xHHIIIQ", data[:HEADER])
        require(checksum == xxh3(data[:24]), "the header's checksum does not match")
        require(version == 1, f"version {version}")
        require(required & ~(REPEATS | HAS_BASE | HAS_TREE) == 0, f"unknown required features {required:#x}")
        require(content in (ONE_FILE, FOLDER), f"unknown content {content}")
        require(reserved == 0, "reserved bytes of the header are not 0")
        return content, required


def read_trailer(data, offset):
    """FORMAT, "Trailer": offset of the index frame, and its ordinal."""
    with at(offset):
        trailer = Cursor(data, offset, len(data)).take(TRAILER, "trailer")
        require(offset + TRAILER == len(data), f"{len(data) - offset - TRAILER} bytes behind the trailer")
        index_offset, frames, length, magic, checksum = struct.unpack("<QQQ8sQ", trailer)
        require(magic == END_MAGIC, "the trailer's magic is missing")
        require(checksum == xxh3(trailer[:32]), "the trailer's checksum does not match")
        require(length == len(data), f"the trailer tells of a container of {length} bytes, this has {len(data)}")
        require(frames > 0, "the trailer tells of no frames")
        return index_offset, frames - 1


def check_path(path, content):
    """FORMAT, "Paths"; the empty path of a folder is not for this."""
    require(len(path.encode()) <= 32_768, "a path of more than 32768 bytes")
    require("\0" not in path, "a path with a zero character")
    if content == ONE_FILE and path == "":
        return
    parts = path.split("/")
    require(not {"", ".", ".."} & set(parts), f"path {path!r} is not a plain relative path")
    require(content == FOLDER or len(parts) == 1, f"path {path!r} in a container of one file")


def check_start(start, content, features):
    """FORMAT, "Frames", "Entries" and "Limits": what a reader checks of a FileStart."""
    kind, target = start["kind"], start["link_target"]
    require(kind in (IS_FILE, IS_FOLDER, IS_LINK), f"unknown kind {kind}")
    require(kind == IS_LINK or target == "", "a link's target in what is none")
    if kind != IS_FILE:
        require(content == FOLDER and features & HAS_TREE, f"an entry of kind {kind} where only files can be")
        others = (start["length"], start["format"], start["has_sha256"], start["is_executable"])
        require(not any(others), f"an entry of kind {kind} with fields of a file")
    if kind == IS_LINK:
        require(start["modified"] is None, "a link with a time")
        require(1 <= len(target.encode()) <= MAX_LINK and len(start["path"].encode()) <= MAX_LINK, "a link of a wrong length")
        require("\0" not in target and not target.startswith("/"), f"a link to {target!r}")
    if not (kind == IS_FOLDER and start["path"] == ""):
        check_path(start["path"], content)
    require(start["format"] <= 2, f"unknown file format {start['format']}")
    require(start["length"] <= MAX_LENGTH, f"a file of {start['length']} bytes")


def check_sha256(start, end):
    """FORMAT, "Frames": the length of a FileEnd's SHA-256."""
    require(len(end["sha256"]) == (32 if start["has_sha256"] else 0), f"SHA-256 of {len(end['sha256'])} bytes")


def follow_link(path, links):
    """FORMAT, "Entries": refuses a link that does not end inside; links is their targets by their paths."""
    reached, ahead, steps, parts = path.split("/")[:-1], [path.rsplit("/")[-1]], 0, 0
    while ahead:
        part = ahead.pop(0)
        if part in ("", "."):
            continue
        parts += 1
        require(parts <= MAX_LINK_PARTS + 1, f"the link {path!r} leads too far")       # the first is the link itself
        if part == "..":
            require(reached, f"the link {path!r} leads outside")
            reached.pop()
            continue
        there = "/".join(reached + [part])
        require(len(there.encode()) <= MAX_LINK, f"the link {path!r} leads too far")
        target = links.get(there)
        if target is None:
            reached.append(part)
            continue
        steps += 1
        require(steps <= MAX_LINK_STEPS, f"the link {path!r} leads back to itself")
        ahead = target.split("/") + ahead


def check_tree(starts):
    """FORMAT, "Entries": what a reader checks of all entries together."""
    kinds = {start["path"]: start["kind"] for start in starts}
    for path in kinds:
        for slash in (i for i, c in enumerate(path) if c == "/"):
            require(kinds.get(path[:slash], IS_FOLDER) == IS_FOLDER, f"{path!r} stands inside what is no folder")
    links = {start["path"]: start["link_target"] for start in starts if start["kind"] == IS_LINK}
    require(len(links) <= MAX_LINKS, f"{len(links)} links")
    for path in links:
        follow_link(path, links)


def check_index(index, content, features, index_offset, index_ordinal):
    """FORMAT, "Index": what can be checked without the files' frames."""
    entries = index["files"]
    require((index["base"] is not None) == bool(features & HAS_BASE), "a base in the header or the index alone")
    if index["base"]:
        check_base(index["base"])
    require(content == FOLDER or len(entries) == 1, f"{len(entries)} files in the index of a container of one file")
    require(all(entry["start"] and entry["end"] for entry in entries), "an entry without start or end")
    require(len({entry["start"]["path"] for entry in entries}) == len(entries), "two files of one path")
    ordinal = 1 if index["base"] else 0
    for entry in entries:
        check_start(entry["start"], content, features)
        require(entry["start"]["kind"] == IS_FILE or not entry["tensors"], "tensors in an entry that is no file")
        length, packed, tensors = entry["start"]["length"], entry["block_packed_lengths"], entry["tensors"]
        check_sha256(entry["start"], entry["end"])
        require(entry["first_frame"] == ordinal, f"first_frame {entry['first_frame']} instead of {ordinal}")
        ordinal += len(packed) + 2
        require(len(packed) == len(entry["block_lengths"]), "lists of blocks of different lengths")
        require(all(n > FRAME for n in packed) and all(entry["block_lengths"]), "an empty block")
        require(not packed or entry["blocks_offset"] + sum(packed) <= index_offset, "blocks behind the index")
        require(sum(entry["block_lengths"]) == length, "block_lengths do not add up to the file's length")
        require(len(entry["segment_lengths"]) == len(entry["segment_owners"]), "lists of segments of different lengths")
        require(all(entry["segment_lengths"]), "an empty segment")
        require(sum(entry["segment_lengths"]) == length, "segment_lengths do not add up to the file's length")
        require(all(owner <= len(tensors) for owner in entry["segment_owners"]), "a segment of an unknown tensor")
        for tensor in tensors:
            require(1 <= tensor["dtype"] < len(DTYPES), f"unknown dtype {tensor['dtype']}")
            require(tensor["encoding"] <= 1, f"unknown encoding {tensor['encoding']}")
            require(len(tensor["plane_coders"]) == len(tensor["plane_packed_lengths"]), "lists of planes differ in length")
    if features & HAS_TREE:
        check_tree([entry["start"] for entry in entries])
    check_external(entries, content)
    require(ordinal == index_ordinal, f"the index accounts for {ordinal} frames of {index_ordinal}")


def find_payload(data, frame, kept):
    """FORMAT, "Repeats": the frame whose payload restores a block."""
    if frame.form != REPEAT:
        if frame.kept:
            kept[frame.ordinal] = frame
        return frame
    cursor = Cursor(data, frame.payload, frame.end)
    distance = cursor.varint("distance")
    with at(frame.payload):
        require(cursor.position == frame.end, "bytes behind the distance of a repeat")
        target = kept.get(frame.ordinal - distance)
        require(target is not None, f"frame {frame.ordinal} repeats frame {frame.ordinal - distance}, which is not marked for that")
        require((target.restored, target.checksum) == (frame.restored, frame.checksum), "a block repeats one that differs")
    return target


def check_base(base):
    """FORMAT, "Base": what a reader checks of a BaseModel."""
    require(1 <= len(base["files"]) <= MAX_BASE_FILES, f"a base of {len(base['files'])} files")
    require(len({file["path"] for file in base["files"]}) == len(base["files"]), "a file of the base is listed twice")
    for file in base["files"]:
        check_path(file["path"], FOLDER)
        require(file["length"] <= MAX_LENGTH, f"a file of the base of {file['length']} bytes")
        require(len(file["sha256"]) == 32, f"a SHA-256 of {len(file['sha256'])} bytes")


def open_base(base, path):
    """FORMAT, "Base": the bytes of the files that blocks refer to, known to be the right ones."""
    needed = ", ".join(f"{file['path']!r} with SHA-256 {file['sha256'].hex()}" for file in base["files"])
    require(path is not None, f"a base is needed (--base): {needed}")
    contents = []
    for file in base["files"]:
        one = os.path.join(path, *file["path"].split("/")) if os.path.isdir(path) else path
        with open(one, "rb") as stream:
            contents.append(stream.read())
        require(hashlib.sha256(contents[-1]).digest() == file["sha256"], f"{one} is not the base: needed is {needed}")
        require(len(contents[-1]) == file["length"], f"a base of {len(contents[-1])} bytes, not {file['length']}")
    return contents


def restore_difference(data, start, end, length, base):
    """FORMAT, "Differences": the bytes that a block of form 2 restores."""
    cursor = Cursor(data, start, end)
    with at(start):
        operation = cursor.u8("operation")
        require(operation <= 5, f"unknown operation {operation}")
        count = cursor.varint("piece count")
        require(1 <= count <= 65_536, f"{count} pieces")
    counterpart, files = bytearray(), set()
    for _ in range(count):
        place = cursor.position
        with at(place):
            size, file = cursor.varint("piece length"), cursor.varint("piece file")
            require(1 <= size <= length - len(counterpart), f"a piece of {size} bytes")
            require(file <= len(base), f"file {file} of a base of {len(base)}")
            files.add(file)
            if file == 0:
                counterpart += bytes(size)
                continue
            offset = int.from_bytes(cursor.take(8, "piece offset"), "little")
            require(offset + size <= len(base[file - 1]), f"a piece from offset {offset} passes the end of its file")
            counterpart += base[file - 1][offset:offset + size]
    with at(start):
        require(len(counterpart) == length, "the pieces do not add up to the block's length")
        if operation == 0:
            require(0 not in files and cursor.position == end, "a block that is not the same as its counterpart")
            return counterpart
        width = 1 if operation == 1 else 1 << (operation - 2)
        require(length % width == 0, f"{length} bytes are no whole number of elements")
    difference = restore_block(data, cursor.position, end, length)
    if operation == 1:
        return bytearray(a ^ b for a, b in zip(counterpart, difference))
    out = bytearray()
    for i in range(0, length, width):
        z, element = (int.from_bytes(part[i:i + width], "little") for part in (difference, counterpart))
        out += ((element + ((z >> 1) ^ -(z & 1))) % (1 << 8 * width)).to_bytes(width, "little")
    return out


def read_file(data, frame, content, features, kept, base):
    """FORMAT, "Overview" and "Frames": a file from its file frame to its file-end frame.

    Returns the entry that the index must have for it, as far as the frames tell it, and the file's bytes.
    """
    start = frame.message(data, FILE_START)
    with at(frame.offset):
        check_start(start, content, features)
    restored, packed_lengths, lengths, checksums = bytearray(), [], [], bytearray()
    entry = {"start": start, "first_frame": frame.ordinal, "blocks_offset": frame.end,
             "block_packed_lengths": packed_lengths, "block_lengths": lengths}
    while True:
        frame = Frame(data, frame.end, frame.ordinal + 1, features)
        with at(frame.offset):
            require(frame.kind in (BLOCK, FILE_END_FRAME), f"a {frame.name} frame within a file")
            if frame.kind == FILE_END_FRAME:
                break
            require(frame.restored <= start["length"] - len(restored), "a block passes the file's end")
            source = find_payload(data, frame, kept)
            if source.form == DIFFERENCE:
                block = restore_difference(data, source.payload, source.end, frame.restored, base)
            else:
                block = restore_block(data, source.payload, source.end, frame.restored)
            require(xxh3(block) == frame.checksum, "a block's checksum does not match")
            restored += block
            packed_lengths.append(frame.end - frame.offset)
            lengths.append(frame.restored)
            checksums += struct.pack("<IQ", frame.restored, frame.checksum)
    end = entry["end"] = frame.message(data, FILE_END)
    with at(frame.offset):
        require(len(restored) == start["length"], f"blocks of {len(restored)} bytes in a file of {start['length']}")
        require(end["checksum"] == xxh3(checksums), "the file's checksum does not match")
        check_sha256(start, end)
        require(end["sha256"] in (b"", hashlib.sha256(restored).digest()), "the file's SHA-256 does not match")
    return entry, restored, frame


def read_container(data, base_path):
    """FORMAT, "Overview": the content and, for each entry, its FileStart and bytes; everything checked."""
    content, features = read_header(data)
    files, entries, kept, base, contents = [], [], {}, None, []
    frame = Frame(data, HEADER, 0, features)
    if features & HAS_BASE:
        with at(frame.offset):
            require(frame.kind == BASE_FRAME, f"a {frame.name} frame where the base is described")
            base = frame.message(data, BASE_MODEL)
            check_base(base)
            contents = open_base(base, base_path)
        frame = Frame(data, frame.end, 1, features)
    while frame.kind != INDEX_FRAME:
        with at(frame.offset):
            require(frame.kind == FILE, f"a {frame.name} frame outside a file")
            require(content == FOLDER or not files, "a second file in a container of one file")
        entry, restored, frame = read_file(data, frame, content, features, kept, contents)
        entries.append(entry)
        files.append((entry["start"], restored))
        frame = Frame(data, frame.end, frame.ordinal + 1, features)
    message = frame.message(data, INDEX)
    index = message["files"]
    with at(frame.offset):
        check_index(message, content, features, frame.offset, frame.ordinal)
        require(message["base"] == base, "the base in the index differs from its frame")
        require(len(index) == len(entries), f"{len(index)} files in the index, {len(entries)} in the container")
        for listed, entry in zip(index, entries):
            for field, value in entry.items():
                require(listed[field] == value, f"{field} in the index differs from the frames")
    with at(frame.end):
        require(read_trailer(data, frame.end) == (frame.offset, frame.ordinal), "the trailer points to another index")
    return content, files


def check_external(entries, content):
    """FORMAT, "External data"."""
    leading = sum(entry["is_leading"] for entry in entries)
    require(leading <= (1 if content == FOLDER else 0), f"{leading} leading files")
    for entry in entries:
        owners = set(entry["segment_owners"])
        for number, tensor in enumerate(entry["tensors"], 1):
            if tensor["external_file"] == 0:
                continue
            require(number not in owners, f"tensor {tensor['name']!r} lies in its file and outside it")
            require(tensor["external_file"] <= len(entries), f"tensor {tensor['name']!r} lies in an unknown file")
            end = tensor["external_offset"] + tensor["external_length"]
            length = entries[tensor["external_file"] - 1]["start"]["length"]
            require(end <= length, f"tensor {tensor['name']!r} ends at {end} of a file of {length} bytes")


def list_tensors(data):
    """FORMAT, "Trailer" and "Index": the way of a reader that wants parts, from the end."""
    content, features = read_header(data)
    offset, ordinal = read_trailer(data, max(0, len(data) - TRAILER))
    frame = Frame(data, offset, ordinal, features)
    with at(offset):
        require(frame.kind == INDEX_FRAME and frame.end + TRAILER == len(data), "the trailer points to no index")
        index = frame.message(data, INDEX)
        check_index(index, content, features, offset, ordinal)
    for file in index["base"]["files"] if index["base"] else []:
        print(f"base {index['base']['name']!r}: {file['path']!r} {file['length']} bytes, SHA-256 {file['sha256'].hex()}")
    for entry in index["files"]:
        lengths = [0] * (1 + len(entry["tensors"]))
        for length, owner in zip(entry["segment_lengths"], entry["segment_owners"]):
            lengths[owner] += length
        if entry["start"]["kind"] == IS_LINK:
            print(f"{entry['start']['path']!r}: link to {entry['start']['link_target']!r}")
            continue
        if entry["start"]["kind"] == IS_FOLDER:
            print(f"{entry['start']['path'] or '.'}: folder")
            continue
        print(f"{entry['start']['path'] or '(unnamed)'}: {'leading, ' if entry['is_leading'] else ''}{entry['start']['length']} bytes, "
              f"{len(entry['block_lengths'])} blocks, {lengths[0]} bytes of structure")
        for tensor, length in zip(entry["tensors"], lengths[1:]):
            coders = [CODERS[c].__name__ if c in CODERS else str(c) for c in tensor["plane_coders"]]
            if tensor["external_file"]:
                print(f"  {tensor['name']!r} {DTYPES[tensor['dtype']]} {tensor['shape']} {tensor['external_length']} bytes at offset "
                      f"{tensor['external_offset']} of {index['files'][tensor['external_file'] - 1]['start']['path']!r}")
                continue
            coders += [name for name in ("repeated_length", "base_length") if tensor[name]]
            print(f"  {tensor['name']!r} {DTYPES[tensor['dtype']]} {tensor['shape']} "
                  f"{length} -> {tensor['packed_length']} bytes {' '.join(coders)}")


def is_plain_windows_name(part):
    """False for what Windows takes for a separator, drive, stream or device, or would shorten."""
    device = part.split(".")[0].rstrip(" ").upper()
    return (not set(part) & set('\\:*?"<>|') and part[-1] not in " ." and device not in ("CON", "PRN", "AUX", "NUL")
            and not (device[:3] in ("COM", "LPT") and len(device) == 4))


def set_attributes(path, start):
    """FORMAT, "Entries": time and execute bit, as far as the system takes them."""
    if start["is_executable"] and os.name != "nt":
        mode = os.stat(path).st_mode
        os.chmod(path, mode | (mode & 0o444) >> 2)
    if start["modified"] is not None:
        os.utime(path, ns=(start["modified"], start["modified"]))


def write_file(path, restored, start):
    with open(path, "xb") as stream:
        stream.write(restored)
    set_attributes(path, start)


def write_files(content, files, out):
    """FORMAT, "Paths" and "Entries": nothing that exists is written over, nothing is written through a link, and the links were
    checked with the index, so that no path can lead out of a new folder."""
    if content == ONE_FILE:
        write_file(out, files[0][1], files[0][0])
        return
    os.mkdir(out)
    folders, links = [], []
    for start, restored in files:
        parts = start["path"].split("/") if start["path"] else []
        named = parts + [part for part in start["link_target"].split("/") if part not in ("", ".", "..")]
        with at(0):
            require(os.name != "nt" or all(map(is_plain_windows_name, named)), f"path {start['path']!r} cannot be a name here")
        os.makedirs(os.path.join(out, *parts[:-1]), exist_ok=True)
        place = os.path.join(out, *parts)
        if start["kind"] == IS_FOLDER:
            os.makedirs(place, exist_ok=True)
            folders.append((place, start))
        elif start["kind"] == IS_LINK:
            links.append((place, start["link_target"]))
        else:
            write_file(place, restored, start)
    for place, target in links:
        os.symlink(target.replace("/", os.sep), place)
    for place, start in sorted(folders, key=lambda folder: folder[0], reverse=True):      # what is inside before what is around
        set_attributes(place, start)


PARTS_MAGIC = b"# ModelPack container in parts"


def read_bytes(path):
    with open(path, "rb") as stream:
        return stream.read()


def read_parts(path, text):
    """FORMAT, "Parts": the container's bytes, from its list."""
    head = re.match(rb"# ModelPack container in parts, version 1\n# ([1-9]\d*) parts of ([1-9]\d*) bytes, ([1-9]\d*) bytes in all\n", text)
    end = re.search(rb"# end ([0-9a-f]{16})\n\Z", text)
    with at(0):
        require(head and end, "the list of parts has another form or version")
        require(int(end[1], 16) == xxh3(text[:end.start()]), "the checksum of the list of parts does not match")
        count, part_length, length = map(int, head.groups())
        require(count == -(-length // part_length) and count <= 9999, f"{count} parts for {length} bytes")
    position, joined, digits = head.end(), [], 3 if count < 1000 else 4
    for number in range(1, count + 1):
        suffix = f".{number:0{digits}}"
        line = re.compile(rb"# part %d ([0-9a-f]{16})\n\\?([0-9a-f]{64})  [^\n]+%s\n" % (number, re.escape(suffix.encode()))).match(text, position)
        with at(position):
            require(line, f"no sound line for part {number}")
            part = read_bytes(path + suffix)
            require(len(part) == (part_length if number < count else length - part_length * (count - 1)), f"part {number} has {len(part)} bytes")
            require(int(line[1], 16) == xxh3(part if len(part) <= 8192 else part[:4096] + part[-4096:]), f"part {number} has another fingerprint")
            require(line[2].decode() == hashlib.sha256(part).hexdigest(), f"part {number} has another SHA-256")
        joined.append(part)
        position = line.end()
    with at(position):
        require(position == end.start(), "lines behind the last part")
    return b"".join(joined)


def read_container_bytes(path):
    """The bytes of a container that is one file or lies in parts."""
    part = re.fullmatch(r"(.+)\.0*1", path)
    if part and len(path) - len(part[1]) in (4, 5):
        listed = os.path.exists(part[1]) and read_bytes(part[1])
        if listed and listed.startswith(PARTS_MAGIC):
            return read_parts(part[1], listed)
        digits, joined = len(path) - len(part[1]) - 1, []
        while os.path.exists(f"{part[1]}.{len(joined) + 1:0{digits}}"):
            joined.append(read_bytes(f"{part[1]}.{len(joined) + 1:0{digits}}"))
        return b"".join(joined)
    data = read_bytes(path)
    return read_parts(path, data) if data.startswith(PARTS_MAGIC) else data


def run(container, out, listing, base):
    """Handles one container; says whether all was well."""
    try:
        data = read_container_bytes(container)
        if listing:
            list_tensors(data)
        else:
            content, files = read_container(data, base)
            if out is not None:
                write_files(content, files, out)
    except Refused as refused:
        print(f"{container}: at offset {refused.offset}: {refused.reason}", file=sys.stderr)
        return False
    except OSError as error:
        print(f"{container}: {error}", file=sys.stderr)
        return False
    return True


def main():
    parser = argparse.ArgumentParser(description="Verify, restore or list ModelPack containers.")
    parser.add_argument("containers", metavar="CONTAINER", nargs="+")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("-o", dest="out", metavar="OUT", help="file or folder to write; must not exist; for several "
                        "containers a folder to write each into, under its name without .mpk")
    action.add_argument("--list", action="store_true", help="list the tensors from the index")
    parser.add_argument("--base", metavar="BASE", help="the file or folder that the containers are differences to")
    arguments = parser.parse_args()
    sound = True
    for container in arguments.containers:
        out = arguments.out
        if out is not None and len(arguments.containers) > 1:
            os.makedirs(out, exist_ok=True)
            name = os.path.basename(container)
            out = os.path.join(out, name[:-4] if name.endswith(".mpk") else name + ".out")
        sound &= run(container, out, arguments.list, arguments.base)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
