"""Reports of measurements: percentiles, charts as SVG, HTML pages; no service imports it."""
