"""Order-0 entropy, in bits, of each plane of each tensor of a safetensors file: from the definitions, one element at a time."""
import collections, json, math, struct, sys


def bits(symbols):
    counts = collections.Counter(symbols)
    return sum(n * math.log2(len(symbols) / n) for n in counts.values())


def planes(dtype, data):
    if dtype == "BF16":
        words = struct.unpack(f"<{len(data) // 2}H", data)
        return [[w >> 7 & 0xFF for w in words], [w >> 15 << 7 | w & 0x7F for w in words]]
    if dtype == "F32":
        words = struct.unpack(f"<{len(data) // 4}I", data)
        return [[w >> 23 & 0xFF for w in words], [w >> 31 << 7 | w >> 16 & 0x7F for w in words], [w >> 8 & 0xFF for w in words], [w & 0xFF for w in words]]
    if dtype in ("I16", "U16", "I32", "U32", "I64", "U64"):
        width = int(dtype[1:]) // 8
        return [data[i::width] for i in range(width)]
    if dtype in ("U8", "I8", "BOOL"):
        return [data]
    return None


with open(sys.argv[1], "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    start = file.tell()
    result = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            begin, end = tensor["data_offsets"]
            file.seek(start + begin)
            found = planes(tensor["dtype"], file.read(end - begin))
            if found is not None and end > begin:
                result[name] = [bits(plane) for plane in found]
    print(json.dumps(result))
