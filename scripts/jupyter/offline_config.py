"""nbconvert's settings for pages that need nothing from outside."""

import pathlib

import mathjax
import plotly

c = get_config()  # noqa: F821, nbconvert provides it
c.TemplateExporter.extra_template_basedirs = [str(pathlib.Path(__file__).parent / "templates")]
c.TemplateExporter.extra_template_paths = [
    str(pathlib.Path(plotly.__file__).parent / "package_data"),
    str(pathlib.Path(mathjax.__file__).parent / "static" / "mathjax" / "es5"),
]
c.HTMLExporter.template_name = "offline"
c.HTMLExporter.embed_images = True
c.NbConvertBase.display_data_priority = [
    "application/vnd.plotly.v1+json",
    "text/html",
    "text/markdown",
    "image/png",
    "image/svg+xml",
    "image/jpeg",
    "text/plain",
]
