/* Integrated loudness, loudness range and true peak of WAVE or raw sound by libebur128, as a witness and a pace.
 *
 *   ebur128 RATE CHANNELS < interleaved little-endian 32-bit float samples
 *
 * Prints one line: integrated loudness in LUFS, loudness range in LU, true peak in dBTP.
 * Build: cc -O2 ebur128.c -o ebur128 -lebur128 -lm
 */
#include <ebur128.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FRAMES = 8192, CHANNELS_MAX = 8 };

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: ebur128 RATE CHANNELS < samples\n");
        return 2;
    }
    unsigned long rate = strtoul(argv[1], NULL, 10);
    unsigned channels = (unsigned)strtoul(argv[2], NULL, 10);
    if (rate == 0 || channels == 0 || channels > CHANNELS_MAX) return 2;
    static float samples[FRAMES * CHANNELS_MAX];
    ebur128_state *meter = ebur128_init(channels, rate, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
    if (!meter) return 1;
    size_t frames;
    while ((frames = fread(samples, sizeof(float) * channels, FRAMES, stdin)) > 0) {
        if (ebur128_add_frames_float(meter, samples, frames) != EBUR128_SUCCESS) return 1;
    }
    double integrated = -HUGE_VAL, range = 0.0, peak = 0.0;
    ebur128_loudness_global(meter, &integrated);
    ebur128_loudness_range(meter, &range);
    for (unsigned channel = 0; channel < channels; ++channel) {
        double here = 0.0;
        ebur128_true_peak(meter, channel, &here);
        if (here > peak) peak = here;
    }
    printf("%.6f %.6f %.6f\n", integrated, range, peak > 0.0 ? 20.0 * log10(peak) : -HUGE_VAL);
    ebur128_destroy(&meter);
    return 0;
}
