import sys
import numpy as np
import soundfile as sf
import libsonare

mix, reference, output = sys.argv[1:4]
x, rate = sf.read(mix, always_2d=True, dtype="float32")
r, reference_rate = sf.read(reference, always_2d=True, dtype="float32")
channels = []
for c in range(x.shape[1]):
    result = libsonare.mastering_pair_process(
        "match.applyMatchEq",
        np.ascontiguousarray(x[:, c]),
        np.ascontiguousarray(r[:, min(c, r.shape[1] - 1)]),
        sample_rate=rate,
        reference_sample_rate=reference_rate,
    )
    channels.append(np.asarray(result.samples))
sf.write(output, np.stack(channels, 1), rate, subtype="FLOAT")
