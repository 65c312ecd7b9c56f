// Times Meta's MIH256 on the benchmark's files: HASHES QUERIES RADIUS, 32 bytes each, one query at a time; prints one JSON line.
#include <pdq/cpp/index/mih.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <unistd.h>
#include <vector>

using namespace facebook::pdq::hashing;
using Clock = std::chrono::steady_clock;

static std::vector<Hash256> readHashes(const char* path) {
  std::vector<Hash256> hashes;
  FILE* file = fopen(path, "rb");
  if (!file) exit(3);
  uint8_t bytes[32];
  while (fread(bytes, 1, 32, file) == 32) {
    Hash256 hash;
    for (int word = 0; word < 16; word++) hash.w[15 - word] = (bytes[2 * word] << 8) | bytes[2 * word + 1];
    hashes.push_back(hash);
  }
  fclose(file);
  return hashes;
}

static double resident() {
  long pages = 0, all = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%ld %ld", &all, &pages) != 2) return 0;
  fclose(file);
  return double(pages) * sysconf(_SC_PAGESIZE);
}

static double milliseconds(Clock::time_point from) {
  return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

int main(int count, char** args) {
  if (count != 4) return 2;
  const auto hashes = readHashes(args[1]);
  const auto queries = readHashes(args[2]);
  const int radius = atoi(args[3]);
  const double before = resident();
  facebook::pdq::index::MIH256<int> index;
  const auto building = Clock::now();
  for (size_t row = 0; row < hashes.size(); row++) index.insert(hashes[row], int(row));
  const double build = milliseconds(building) / 1e3, held = resident() - before;
  std::string times, answers;
  size_t found = 0;
  const clock_t cpu = clock();
  for (const auto& query : queries) {
    std::vector<std::pair<Hash256, int>> matches;
    const auto from = Clock::now();
    index.queryAll(query, radius, matches);
    times += (times.empty() ? "" : ",") + std::to_string(milliseconds(from));
    std::vector<std::pair<int, int>> pairs;
    for (const auto& match : matches) pairs.push_back({match.first.hammingDistance(query), match.second});
    std::sort(pairs.begin(), pairs.end());
    std::string answer;
    for (const auto& pair : pairs)
      answer += (answer.empty() ? "[" : ",[") + std::to_string(pair.first) + "," + std::to_string(pair.second) + "]";
    answers += (answers.empty() ? "[" : ",[") + answer + "]";
    found += matches.size();
  }
  const double mean = double(clock() - cpu) * 1e3 / CLOCKS_PER_SEC / queries.size();
  printf("{\"version\":\"\",\"options\":\"-O3 -march=native\",\"buildSeconds\":%f,\"bytesPerHash\":%f,", build, held / hashes.size());
  printf("\"milliseconds\":[%s],\"cpu\":%f,\"found\":%zu,\"pairs\":[%s]}\n", times.c_str(), mean, found, answers.c_str());
}
