# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of emg-headset-gadget in bash, from its --help.
complete -F _longopt emg-headset-gadget
