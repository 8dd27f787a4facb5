// SPDX-License-Identifier: GPL-2.0-only
/*
 * The baseline of the comparison in DRIVER.md: takes a headset's frames and
 * throws them away. What the bus and the emulated headset cost, and what any
 * reader's URBs do, is what it costs. Streams from the moment that it is bound.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/usb.h>

#include "oeh.h"

#define NULL_URBS	16	/* as many as the driver has */
#define NULL_SIZE	8192	/* holds any frame */

struct null_headset {
	struct urb *urb[NULL_URBS];
};

static void null_complete(struct urb *urb)
{
	if (!urb->status)
		usb_submit_urb(urb, GFP_ATOMIC);
}

static int null_request(struct usb_interface *intf, u8 request)
{
	return usb_control_msg_send(interface_to_usbdev(intf), 0, request,
				    USB_DIR_OUT | USB_TYPE_VENDOR | USB_RECIP_INTERFACE, 0,
				    intf->cur_altsetting->desc.bInterfaceNumber, NULL, 0,
				    USB_CTRL_SET_TIMEOUT, GFP_KERNEL);
}

static int null_probe(struct usb_interface *intf, const struct usb_device_id *id)
{
	struct usb_device *udev = interface_to_usbdev(intf);
	struct usb_endpoint_descriptor *bulk;
	struct null_headset *null;
	unsigned int i;
	void *buf;
	int ret;

	ret = usb_find_bulk_in_endpoint(intf->cur_altsetting, &bulk);
	if (ret)
		return ret;
	null = devm_kzalloc(&intf->dev, sizeof(*null), GFP_KERNEL);
	if (!null)
		return -ENOMEM;
	usb_set_intfdata(intf, null);

	for (i = 0; i < NULL_URBS; i++) {
		null->urb[i] = usb_alloc_urb(0, GFP_KERNEL);
		buf = devm_kmalloc(&intf->dev, NULL_SIZE, GFP_KERNEL);
		if (!null->urb[i] || !buf)
			return -ENOMEM;
		usb_fill_bulk_urb(null->urb[i], udev,
				  usb_rcvbulkpipe(udev, usb_endpoint_num(bulk)), buf, NULL_SIZE,
				  null_complete, null);
		ret = usb_submit_urb(null->urb[i], GFP_KERNEL);
		if (ret)
			return ret;
	}

	return null_request(intf, OEH_REQ_START);
}

static void null_disconnect(struct usb_interface *intf)
{
	struct null_headset *null = usb_get_intfdata(intf);
	unsigned int i;

	for (i = 0; i < NULL_URBS; i++) {
		usb_kill_urb(null->urb[i]);
		usb_free_urb(null->urb[i]);
	}
	null_request(intf, OEH_REQ_STOP);
}

static const struct usb_device_id null_id_table[] = {
	{ USB_VENDOR_AND_INTERFACE_INFO(OEH_USB_VENDOR, OEH_USB_CLASS, OEH_USB_SUBCLASS,
					OEH_USB_PROTOCOL) },
	{ }
};

static struct usb_driver null_driver = {
	.name		= "null_headset",
	.probe		= null_probe,
	.disconnect	= null_disconnect,
	.id_table	= null_id_table,
	.soft_unbind	= 1,	/* for STOP */
};
module_usb_driver(null_driver);

MODULE_DESCRIPTION("Throws away what a headset sends");
MODULE_LICENSE("GPL");
