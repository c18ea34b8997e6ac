"""One style transfer: settings, inputs, loss terms, optimization, result; start with `stylize`."""
