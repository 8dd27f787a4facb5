#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints spasms as they begin and end. jq would take the JSON apart; sed does for this.

# Asking for a property starts the bridge, should nobody have done so yet.
now=$(busctl --user get-property org.spasmd1 /org/spasmd1 org.spasmd1.Bridge InSpasm) || exit
[ "$now" = "b true" ] && echo "in spasm now" || echo "no spasm now"

# kind 1 is a spasm, side 1 left and 2 right: see org.spasmd1(5).
busctl --user --json=short --match "type='signal',interface='org.spasmd1.Episodes'" monitor |
	sed -nu '/"kind":{"type":"u","data":1}/!d
		s/.*"member":"\(Started\|Ended\)".*"side":{"type":"u","data":1}.*/\1 left/p
		s/.*"member":"\(Started\|Ended\)".*"side":{"type":"u","data":2}.*/\1 right/p'
