// SPDX-License-Identifier: GPL-2.0-only
/* The identify light: tells which of several headsets is which. */
#include "emg_headset.h"

static int emg_led_set(struct led_classdev *led, enum led_brightness brightness)
{
	struct emg_headset *hs = container_of(led, struct emg_headset, led);
	int ret;

	ret = emg_begin(hs);
	if (ret)
		return ret;

	ret = emg_request(hs, OEH_REQ_IDENTIFY, brightness != LED_OFF);
	if (!ret)
		hs->identify = brightness != LED_OFF;
	emg_end(hs);

	return ret;
}

int emg_led_register(struct emg_headset *hs)
{
	int ret;

	if (!(hs->info.caps & OEH_CAP_IDENTIFY))
		return 0;

	snprintf(hs->led_name, sizeof(hs->led_name), EMG_NAME "%d::identify",
		 iio_device_id(hs->indio_dev));
	hs->led.name = hs->led_name;
	hs->led.max_brightness = 1;
	hs->led.brightness_set_blocking = emg_led_set;
	/* Turning it off fails when the headset was unplugged: no news. */
	hs->led.flags = LED_HW_PLUGGABLE;

	ret = led_classdev_register(&hs->intf->dev, &hs->led);
	if (ret)
		hs->led.name = NULL;

	return ret;
}

void emg_led_unregister(struct emg_headset *hs)
{
	if (hs->led.name)
		led_classdev_unregister(&hs->led);
}
