import sys
import matchering as mg

mix, reference, output = sys.argv[1:4]
mg.process(target=mix, reference=reference, results=[mg.pcm24(output)])
