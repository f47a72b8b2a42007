/* SPDX-License-Identifier: Apache-2.0 */
/* What is beyond its limit, of several rings: as Nagios reads it, and as JSON. */
#ifndef SLOTRING_TOOL_ALARM_OUTPUT_H
#define SLOTRING_TOOL_ALARM_OUTPUT_H

#include <jansson.h>

#include "alarm.h"
#include "overview.h"

/* `live`: what was lost since the look before counts; else all that the present readers missed. */
alarm_level_t alarm_level_of(const alarms_t *alarms, const overview_t *overview, bool live);
/* A line with all figures, and behind it a line for each ring that is beyond a limit, or cannot be looked at. */
void alarm_print(const alarms_t *alarms, const overview_t *overview, bool live);
json_t *alarm_json(const alarms_t *alarms, const overview_t *overview, bool live);

#endif
