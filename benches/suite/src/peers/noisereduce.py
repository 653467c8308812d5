import json
import sys
import numpy as np
import soundfile as sf
import noisereduce

source, output, noise, settings = sys.argv[1:4] + [json.loads(sys.argv[4])]
x, rate = sf.read(source, always_2d=True, dtype="float32")
profile, _ = sf.read(noise, always_2d=True, dtype="float32")
planes = [
    noisereduce.reduce_noise(
        y=x[:, c], sr=rate, y_noise=profile[:, c], stationary=True, **settings
    )
    for c in range(x.shape[1])
]
sf.write(output, np.stack(planes, 1), rate, subtype="FLOAT")
