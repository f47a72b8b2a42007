# SPDX-License-Identifier: Apache-2.0
"""What the examples about waveforms share: a message is one WAVEFORM, as C has it in a struct."""

import numpy as np

SAMPLES = 1000
WAVEFORM = np.dtype([("event", "<u8"), ("board", "<u4"), ("trigger", "<u4"), ("samples", "<i2", (SAMPLES,))], align=True)
