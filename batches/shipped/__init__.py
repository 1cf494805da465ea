"""The master batch records that come with Lotbook, drawn from published processes. Pure.

`car_t` (MBR-101): autologous CD19 CAR-T cells in a closed automated device.
`til` (MBR-102): autologous tumour-infiltrating lymphocytes in gas-permeable flasks.
`cartilage` (MBR-103): a hospital's autologous nasal chondrocytes on a collagen membrane.

Each names its sources in its header. They are examples to copy from, validated for no site; what a
site has to settle before use is in docs/recipes.md. `supplies` names the items, `places` the
rooms and the classes of equipment they ask for.
"""

from __future__ import annotations
