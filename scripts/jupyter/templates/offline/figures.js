// Draws every figure of the page over the picture that stands for it.
for (const place of document.querySelectorAll('.plotly-figure')) {
  if (!window.Plotly) break;
  const figure = JSON.parse(place.querySelector('script[type="application/json"]').textContent);
  const drawn = document.createElement('div');
  place.append(drawn);
  Plotly.newPlot(drawn, figure.data, figure.layout, {responsive: true, displaylogo: false})
    .then(() => place.classList.add('drawn'));
}
