"""Charts as SVG, drawn here so that a page needs nothing from elsewhere."""
