# SPDX-License-Identifier: GPL-2.0-or-later
#
# Read a kernel's console log; print what it complained of, and end with 1 if there was anything.
#
# Four complaints are known and not ours. Each is recognised by its kind, its place and its whole
# call trace, so that it can't hide another one:
# - UML up to 6.2 walks a new process's memory map without a lock, at its first fork.
# - FunctionFS of 6.1.y takes a reference to its process's mm with each asynchronous write and
#   does not drop it (ffs_user_copy_worker() drops those of reads only): the emulated headset's
#   mm stays behind.
# - The IIO core, up to 7.3 at least, never frees by what it takes some elements out of a scan
#   (iio_buffer_demux_free()) when a device goes whose last capture was of some.
# - iio_simple_dummy never frees what iio_dummy_probe() allocates for its folder in configfs.

BEGIN {
	lines_after = 60	# of one report
	lines_total = 150	# of all
	start = "^(-+\\[ cut here \\]|WARNING: |BUG: |BUG [^ ]+ \\(|kernel BUG at |Oops|Kernel panic" \
		"|general protection fault|Unable to handle|Kernel mode fault|Kernel tried to access" \
		"|Segfault with no mm|INFO: task .* blocked|INFO: trying to register" \
		"|INFO: lockdep is turned off|rcu: INFO: .*(stall|starved)|watchdog: BUG|UBSAN: " \
		"|kmemleak: unreferenced|list_(add|del)[a-z_]* corruption" \
		"|refcount_t: |DEBUG_LOCKS_WARN_ON|ODEBUG: |usercopy: |page:.* dumped because)"
	fork_trace = "^( mas_walk| mtree_range_walk mas_walk) mas_find force_flush_all fork_handler$"
	dummy_trace = "^( [a-z_]+)* kmalloc_trace iio_dummy_probe iio_sw_device_create "
	demux_trace = "^( [a-z_]+)* (iio_buffer_add_demux|__kmalloc[a-z_]*) __iio_update_buffers "
	mm_trace = " mm_alloc alloc_bprm do_execveat_common sys_execve "
}

function is_known()
{
	if (report ~ /WARNING: suspicious RCU usage/ &&
	    report ~ /lib\/maple_tree\.c:[0-9]+ suspicious rcu_dereference_check\(\) usage!/ &&
	    report ~ /no locks held by / && trace ~ fork_trace)
		return 1
	return report ~ /^[^\n]*kmemleak: unreferenced/ &&
	       (trace ~ mm_trace || trace ~ dummy_trace || trace ~ demux_trace)
}

function report_end()
{
	if (!active)
		return
	active = 0
	if (is_known())
		return
	found++
	if (test != told)
		print told = test
	if (printed < lines_total)
		printf "%s", report
	printed += lines
}

# The functions of a call trace that are sure, below the one that reports.
function frame_note(text)
{
	sub(/^kmemleak: */, "", text)
	if (text !~ /^ *\[<[0-9a-f]+>\] [^?]/)
		return
	sub(/^ *\[<[0-9a-f]+>\] /, "", text)
	sub(/\+.*/, "", text)
	if (text ~ /^(lockdep_rcu_suspicious|kmem_cache_alloc)/)
		trace = ""
	else
		trace = trace " " text
}

{
	text = $0
	# User space may have left half a line on the console before it.
	stamped = sub(/^.*\[ *[0-9]+\.[0-9]+\] ?(\[ *[TC][0-9]+\] )?/, "", text)
}

# guest/several says which test it begins.
stamped && text ~ /^spasmd-vm: / {
	test = text
}

# guest/init lists the objects at the end of a run.
stamped && text ~ /^kmemleak: [0-9]+ new suspected/ {
	split(text, words, " ")
	suspected += words[2]
	next
}

stamped && text ~ start {
	report_end()
	active = 1
	report = trace = ""
	lines = 0
	if (text ~ /^kmemleak:/)
		listed++
}

active {
	if (stamped)
		frame_note(text)
	report = report $0 "\n"
	# The rest of a trace is a blank line away from what follows it.
	if (++lines == lines_after || text ~ /^---\[ end trace/ ||
	    (text ~ /^ *$/ && trace != ""))
		report_end()
}

END {
	report_end()
	if (suspected > listed) {
		print "kmemleak suspected " suspected " leaks, and " listed + 0 " could be listed"
		found++
	}
	exit found > 0
}
