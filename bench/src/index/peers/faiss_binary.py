"""Times FAISS binary indexes on the files of the benchmark, one thread, one query at a time; prints one JSON line.

usage: faiss_binary.py flat|multihash HASHES QUERIES RADIUS
"""
import json
import os
import sys
import time

import faiss
import numpy


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main():
    kind, hashes_path, queries_path, radius = sys.argv[1:5]
    faiss.omp_set_num_threads(1)
    hashes = numpy.fromfile(hashes_path, dtype=numpy.uint8).reshape(-1, 32)
    queries = numpy.fromfile(queries_path, dtype=numpy.uint8).reshape(-1, 32)
    before = resident()
    if kind == "flat":
        index = faiss.IndexBinaryFlat(256)
    else:
        # As HMA sets it for PDQ: 16 maps of 16 bits, one flip each at radius 31.
        index = faiss.IndexBinaryMultiHash(256, 16, 16)
        index.nflip = int(radius) // 16
    start = time.perf_counter()
    index.add(hashes)
    build = time.perf_counter() - start
    held = resident() - before
    times, found, pairs, cpu = [], 0, [], 0.0
    for at in range(len(queries)):
        spent = time.thread_time()
        start = time.perf_counter()
        # FAISS takes distances strictly below its radius.
        limits, distances, ids = index.range_search(queries[at : at + 1], int(radius) + 1)
        times.append((time.perf_counter() - start) * 1e3)
        cpu += time.thread_time() - spent
        found += int(limits[1])
        pairs.append(sorted(zip(distances.astype(int).tolist(), ids.astype(int).tolist())))
    print(
        json.dumps(
            {
                "version": faiss.__version__,
                "options": faiss.get_compile_options() if hasattr(faiss, "get_compile_options") else "",
                "buildSeconds": build,
                "bytesPerHash": held / len(hashes),
                "milliseconds": times,
                "cpu": cpu * 1e3 / len(queries),
                "found": found,
                "pairs": pairs,
            }
        )
    )


main()
