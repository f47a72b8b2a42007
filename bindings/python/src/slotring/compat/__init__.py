# SPDX-License-Identifier: Apache-2.0
"""Modules with the names and calls of other libraries, on top of slotring."""
