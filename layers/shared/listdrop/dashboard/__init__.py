"""The dashboard: what became of uploads, in a browser. Reads only, and works without JavaScript."""
