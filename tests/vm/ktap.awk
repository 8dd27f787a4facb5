# SPDX-License-Identifier: GPL-2.0-or-later
#
# Read KUnit's results (KTAP, nested) and print each test that holds no others as a line of flat
# TAP, "ok 1 - suite.case.parameter". Ends with 1 if a test failed, is missing, or none was run.

function indent(text)
{
	match(text, /^ */)
	return int(RLENGTH / 4)
}

function fail(name)
{
	print "not ok " ++number " - " name
	failed++
}

# At the end of a level: were there as many results as announced?
function level_end(depth, name)
{
	if ((depth in planned) && planned[depth] != seen[depth])
		fail(name ": " seen[depth] + 0 " of " planned[depth] " results")
	delete planned[depth]
	delete seen[depth]
}

/^ *1\.\.[0-9]+/ {
	depth = indent($0)
	sub(/^ *1\.\./, "")
	planned[depth] = $0 + 0
	seen[depth] = 0
	next
}

/^ *# Subtest: / {
	depth = indent($0)
	sub(/^ *# Subtest: /, "")
	subtest[depth] = $0
	next
}

/^ *(not )?ok [0-9]+/ {
	depth = indent($0)
	result = /^ *not/ ? "not ok" : "ok"
	name = $0
	sub(/^ *(not )?ok [0-9]+ *(- )?/, "", name)
	seen[depth]++
	level_end(depth + 1, name)
	for (i = depth; i > 0; i--)
		if (i in subtest)
			name = subtest[i] "." name
	delete subtest[depth + 1]
	# The result of a test that holds others only sums them up.
	if (!inner[depth + 1] || (result == "not ok" && !failed_below[depth + 1])) {
		print result " " ++number " - " name
		if (result == "not ok")
			failed++
	}
	inner[depth] = 1
	if (result == "not ok")
		failed_below[depth] = 1
	inner[depth + 1] = failed_below[depth + 1] = 0
	next
}

/EXPECTATION FAILED|ASSERTION FAILED/ { told = 1 }
/^ *#/ || told {
	sub(/^ *#? */, "")
	# The lines that follow a failure tell what was expected.
	if (/^(Totals|.*: pass:[0-9]+ fail:)/)
		told = 0
	else
		print "# " $0
}

END {
	level_end(0, "KUnit")
	if (!number)
		fail("KUnit printed no result")
	print "1.." number
	exit failed > 0
}
