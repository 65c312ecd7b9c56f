// Times Meta's PDQ: WIDTH HEIGHT CHANNELS REPEATS, raw 8-bit pixels on standard input; prints HASH,QUALITY,MEDIAN_MS of the
// thread's processor time from float luma to hash.
#include <pdq/cpp/hashing/pdqhashing.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

using namespace facebook::pdq::hashing;

static double processorMs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int count, char** args) {
  if (count != 5) return 2;
  const int width = atoi(args[1]), height = atoi(args[2]), channels = atoi(args[3]), repeats = atoi(args[4]);
  std::vector<uint8_t> pixels(size_t(width) * height * channels);
  if (fread(pixels.data(), 1, pixels.size(), stdin) != pixels.size()) return 3;
  std::vector<float> luma(size_t(width) * height), work(luma.size()), spare(luma.size());
  uint8_t* p = pixels.data();
  if (channels == 1) fillFloatLumaFromGrey(p, height, width, width, 1, luma.data());
  else fillFloatLumaFromRGB(p, p + 1, p + 2, height, width, width * channels, channels, luma.data());
  static float small[64][64], narrow[16][64], coefficients[16][16];
  std::vector<double> times;
  Hash256 hash;
  int quality = 0;
  for (int run = 0; run < repeats; run++) {
    work = luma;
    const double from = processorMs();
    pdqHash256FromFloatLuma(work.data(), spare.data(), height, width, small, narrow, coefficients, hash, quality);
    times.push_back(processorMs() - from);
  }
  std::sort(times.begin(), times.end());
  printf("%s,%d,%.4f\n", hash.format().c_str(), quality, times[times.size() / 2]);
}
