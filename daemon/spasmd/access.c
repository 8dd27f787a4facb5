/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <grp.h>
#include <pwd.h>

#include "spasmd.h"

/*
 * Who may do what, in this one place. Root and the daemon's own user may do
 * everything; members of the group spasmd-clients may learn of spasms. The rule
 * asks the user database, not the client's process, whose ID may be another's by
 * now.
 */
#define CLIENTS_GROUP "spasmd-clients"
#define GROUPS_MAX    1024

static bool user_is_member(uid_t uid, const char *group)
{
	gid_t groups[GROUPS_MAX];
	int i, n = GROUPS_MAX;
	struct passwd *pw;
	struct group *gr;
	gid_t wanted;

	gr = getgrnam(group);
	if (!gr)
		return false;
	wanted = gr->gr_gid;
	pw = getpwuid(uid);
	if (!pw || getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
		return false;
	for (i = 0; i < n; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static bool user_may(uid_t uid, enum access_action action)
{
	if (uid == 0 || uid == geteuid())
		return true;
	return action == ACCESS_MONITOR && user_is_member(uid, CLIENTS_GROUP);
}

int access_check(_unused_ struct spasmd *s, sd_bus_message *m, enum access_action action,
		 uid_t *uid, sd_bus_error *error)
{
	_cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
	uid_t sender;
	int r;

	r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);
	if (r >= 0)
		r = sd_bus_creds_get_euid(creds, &sender);
	if (r < 0)
		return sd_bus_error_set_errno(error, r);
	if (!user_may(sender, action))
		return sd_bus_error_set(
			error, SD_BUS_ERROR_ACCESS_DENIED,
			action == ACCESS_MONITOR
				? "Only root and members of the group " CLIENTS_GROUP
				  " may learn of spasms"
				: "Only root may change how a headset captures");
	if (uid)
		*uid = sender;
	return 1;
}
