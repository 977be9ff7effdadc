"""The printers: the only code that turns results into text or pages."""
