#compdef emg-headset-gadget
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of emg-headset-gadget in zsh, from its --help.
_gnu_generic
