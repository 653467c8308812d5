import json
import sys
import numpy as np
import soundfile as sf
import libsonare

source, output, stage = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
x, rate = sf.read(source, always_2d=True, dtype="float32")
planes = np.ascontiguousarray(x.T)
# Damage in one channel is mended there alone; one mask of noise for all channels.
groups = [planes] if stage["stage"] == "denoise" else [plane[None, :] for plane in planes]
mended = []
for group in groups:
    mended += libsonare.mastering_repair_apply(group, rate, stages=[stage]).channels
sf.write(output, np.stack([np.asarray(plane) for plane in mended], 1), rate, subtype="FLOAT")
