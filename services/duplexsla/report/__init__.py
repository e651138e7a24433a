"""Reports of measurements: percentiles, charts as SVG, HTML pages. Nothing that is deployed imports it."""
