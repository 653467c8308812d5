# Interleaved stereo float32 on stdin -> limited on stdout. Arguments: kind, sample rate, ceiling (amplitude).
import math
import sys

import numpy as np

kind, rate, ceiling = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
x = np.frombuffer(sys.stdin.buffer.read(), "<f4").reshape(-1, 2)
if kind == "matchering":
    from matchering import Config
    from matchering.limiter import limit

    # Its limiter works at its internal rate and threshold; the input is scaled to meet them.
    config = Config(internal_sample_rate=rate)
    config.threshold = (2**15 - 61) / 2**15
    y = limit(x.astype(np.float64) / ceiling * config.threshold, config) * ceiling / config.threshold
else:
    import libsonare

    db = 20 * math.log10(ceiling)
    result = libsonare.mastering_process_stereo(
        kind, x[:, 0].tolist(), x[:, 1].tolist(), sample_rate=rate, params={"ceilingDb": db, "inputGainDb": 0.0}
    )
    y = np.stack([result.left, result.right], 1)
sys.stdout.buffer.write(np.ascontiguousarray(y, "<f4").tobytes())
