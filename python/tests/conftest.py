"""What all tests need."""

import signal

# A shell that starts this in the background has Ctrl-C ignored, and every child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
