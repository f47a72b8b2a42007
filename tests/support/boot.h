/* SPDX-License-Identifier: Apache-2.0 */
/* What the system says of the machine's boot, put into its mouth for this process alone. */
#ifndef TEST_BOOT_H
#define TEST_BOOT_H

/* From here on the system says this. NULL, or why it cannot be made to. */
const char *boot_says(const char *text);

#endif
