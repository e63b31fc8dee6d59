"""Colors chosen by hand: palettes for prints, suitings, shirtings, skins and camouflage, and the four ranges that tartans are woven in.

A printed palette is ground, main motif, companion, accent and detail. The main motif stands clear of the ground and the detail
clear of the main motif, so that any rule may draw with any palette.
"""

LIGHT_GROUNDS = {
    "fildişi": ("#F6EFE0", "#2F4858", "#86A397", "#D1603D", "#B9C7BE"),
    "gül kurusu": ("#F8EAE4", "#B5586A", "#8A9B7A", "#E9A58F", "#6B2737"),
    "adaçayı": ("#EEF0E4", "#5F7F63", "#A9BC9A", "#D98E73", "#2F4635"),
    "şeftali": ("#FDEBDD", "#DB6C47", "#7FA39A", "#F4B183", "#8C3B26"),
    "buz mavisi": ("#E8F1F5", "#2E6F9E", "#93BBD0", "#F2A65A", "#173F5F"),
    "lavanta": ("#F0EBF5", "#7B68A8", "#A8B89A", "#E3A7B8", "#3F3466"),
    "limon": ("#FBF4D6", "#2F6D62", "#E2B33C", "#E8744F", "#173C36"),
    "kum": ("#EBE0CC", "#7B5A3F", "#A89A7C", "#C0563B", "#3F2D20"),
    "turkuaz": ("#E8F5F2", "#0F8B8D", "#8CC8BC", "#EC9A29", "#143642"),
    "mercan": ("#FFF2EB", "#E0552F", "#F0A890", "#2A7F8E", "#7A2413"),
    "pudra": ("#F4DCD8", "#8C3A4F", "#D29298", "#5E7F73", "#4B1D2B"),
    "keten": ("#EFE9DC", "#3F5E5A", "#B8A88A", "#C98B5E", "#1F3331"),
    "bahar": ("#F9F4E8", "#C2456B", "#7FA36B", "#F0B23E", "#3C5A36"),
    "deniz": ("#F1F6F4", "#1E5C86", "#6BB0B5", "#F27F5B", "#0F2F4D"),
    "badem": ("#F3E9DF", "#A0522D", "#C9A98B", "#557A6E", "#5A2C16"),
    "orkide": ("#F9EFF6", "#A33E86", "#D8A2C4", "#5B9279", "#57184A"),
    "fıstık": ("#F3F3DD", "#54722E", "#A9BB6B", "#C7522A", "#2C3D17"),
    "duman": ("#ECEDEE", "#48535E", "#A3AEB7", "#D08C60", "#242B32"),
}
DARK_GROUNDS = {
    "lacivert": ("#1C2B4A", "#EADFC8", "#7E97B8", "#DB7B5E", "#3E5C8A"),
    "gece": ("#17181C", "#F1E9DA", "#9DAA97", "#D8A548", "#7A4B3A"),
    "bordo": ("#4A1524", "#F0D9C8", "#C0707B", "#E0A458", "#8A3A4A"),
    "zümrüt": ("#0F3D36", "#EFE6D0", "#6FA58A", "#E58F65", "#1F6B5A"),
    "patlıcan": ("#34203F", "#E9D8E4", "#A583B5", "#E7A977", "#6A4A7C"),
    "antrasit": ("#33363B", "#E4E2DC", "#9AA3AB", "#E3B23C", "#5F666E"),
    "petrol": ("#12414D", "#F2E3CF", "#6FA8A8", "#F0836B", "#1E6B78"),
    "kahve": ("#3B2A22", "#EBD9BF", "#B58A63", "#8FB0A5", "#6E4A36"),
    "kiremit": ("#B5532F", "#FBEBD8", "#E9A77B", "#2F4B4F", "#7E3320"),
    "zeytin": ("#5A5E30", "#F3EBD3", "#B6B27A", "#E08E45", "#3B3F1E"),
    "vişne": ("#7A1832", "#F9E3DD", "#D98A93", "#F0C38E", "#4A0D1F"),
    "çivit": ("#2B3A7A", "#EDEBF5", "#8E9BD0", "#F0B5A0", "#55639F"),
    "kuzgun": ("#101820", "#F0E4D4", "#5E7F8C", "#E4572E", "#34495A"),
    "orman": ("#1E3A24", "#EDE7CF", "#87A96B", "#E3A857", "#39613D"),
    "gül şarabı": ("#5C1F33", "#F6DDD4", "#C97B84", "#E9B872", "#8C3D55"),
    "safran": ("#C9821A", "#FFF4DC", "#F2C879", "#3B3A52", "#8A4F0F"),
    "okyanus": ("#0E3B5C", "#E9F1EC", "#5FA3B5", "#F4A259", "#1F5F86"),
    "hatmi": ("#8A2F5C", "#FBE8E6", "#DB8DAE", "#F2C14E", "#5C1A3C"),
}
LIGHT_SUITINGS = {
    "gri flanel": ("#D9D6CF", "#4A4D52", "#8C8F92", "#A5473A", "#2B2D31"),
    "deve tüyü": ("#E8D9BE", "#6A4A2F", "#A98A62", "#3E5E6B", "#3F2A1B"),
    "siyah beyaz": ("#F3F0E8", "#17181B", "#8B8B88", "#B3262E", "#3D3E41"),
    "bordo gri": ("#DCD5D0", "#6B2333", "#A38A88", "#2E3F55", "#421420"),
    "yulaf": ("#EEE6D6", "#75746C", "#B5AE9C", "#B86B3F", "#45463F"),
    "petrol gri": ("#CFD6D4", "#1F4A54", "#7C979A", "#C58A3C", "#12303A"),
}
DARK_SUITINGS = {
    "lacivert gri": ("#1F2A40", "#C9CCD1", "#6F7F96", "#B5533C", "#3A4A66"),
    "tütün": ("#3E2C20", "#D8C2A0", "#8F6B48", "#C77B3A", "#5E4431"),
    "çam yeşili": ("#22372E", "#CFCDB4", "#6E8468", "#C9963B", "#3A5548"),
    "antrasit mavi": ("#2C3036", "#B9C4CE", "#6C7884", "#5C8FB5", "#454C55"),
    "mürdüm": ("#35222F", "#D6C3C6", "#8A6A7A", "#B98A4A", "#533747"),
}
LIGHT_SHIRTINGS = {
    "gök mavisi": ("#F7F8F8", "#4F83B8", "#A9C4DE", "#D9694A", "#27496D"),
    "beyaz lacivert": ("#FAF8F3", "#22325C", "#7F90B5", "#C8453B", "#141F3D"),
    "gelincik": ("#FBF6EF", "#C5302F", "#E59A8C", "#2B4A6B", "#7C1A20"),
    "nane": ("#F6F8F1", "#3F8F6E", "#A6CFB8", "#E0A33A", "#1F5240"),
    "pembe pamuk": ("#FCF4F3", "#C9607F", "#EBB0BE", "#5B7FA5", "#7D2C46"),
    "hardal": ("#FAF5E6", "#B98218", "#E2C272", "#35586B", "#6E4A0C"),
    "toprak": ("#F5EEE2", "#8B5B3D", "#C9A683", "#4C6F61", "#54331F"),
    "mor salkım": ("#F7F4F9", "#6F559E", "#BBA9D6", "#D98A5B", "#3E2C66"),
}
DARK_SHIRTINGS = {
    "indigo": ("#25345E", "#F2EEE3", "#7A8DB8", "#E2B65A", "#41548A"),
    "denim": ("#3C5878", "#F0EBDD", "#93ABC2", "#D9794F", "#27405C"),
    "haki": ("#565A3C", "#EFE7D1", "#A3A07A", "#C9622F", "#3A3D27"),
    "kiraz": ("#8E2434", "#F8E9E0", "#D2838A", "#E9BE6E", "#5E1420"),
}
LIGHT_SKINS = {
    "doğal": ("#E3B87A", "#2A1A12", "#A9703A", "#F3E3C4", "#6B4220"),
    "siyah krem": ("#F4EEE2", "#1B1A1D", "#8A857C", "#C2A070", "#4A4845"),
    "taş": ("#D8CFC2", "#4A3F37", "#988A7B", "#B07A4F", "#2E2620"),
    "pembe pars": ("#F2D3CC", "#7A2E3F", "#C98A8C", "#E8B06A", "#4A1826"),
    "ada taşı": ("#DDE3D6", "#2F4A40", "#8FA595", "#C58B5A", "#1B2E28"),
}
DARK_SKINS = {
    "gece parsı": ("#1C1A1B", "#CFA873", "#7A5F43", "#8E3B2E", "#3D3430"),
    "zümrüt pars": ("#143A34", "#D9C79A", "#5F8A72", "#C9813F", "#0B211E"),
    "kestane": ("#4A2A1C", "#E9CFA6", "#9C6B44", "#C2562D", "#6B4230"),
    "kobalt pars": ("#1E2F66", "#E8DCC6", "#6F86BF", "#D9824F", "#111C40"),
}
LIGHT_FIELDS = {
    "haki orman": ("#B9AE84", "#2E3A22", "#6E7A45", "#5A4630", "#1C2215"),
    "çöl": ("#E3D2B0", "#7F6142", "#C2A57A", "#5E6B4A", "#4E3B28"),
    "kar": ("#EEF0EF", "#5E6A70", "#B4BEC2", "#8C9A8F", "#363F45"),
    "pembe kum": ("#F0D9CF", "#8A4B55", "#CC9A96", "#9A8F6E", "#54282F"),
}
DARK_FIELDS = {
    "gece harekâtı": ("#2B3138", "#8C969E", "#4F5A63", "#6B7F74", "#171B20"),
    "deniz piyade": ("#1F3550", "#A9BCCB", "#4E7291", "#7F8F7A", "#0F1D30"),
    "yosun": ("#2F3B2A", "#A8A67C", "#5F6E46", "#8A6A43", "#1A2218"),
    "bordo saha": ("#4B1C26", "#CFA99A", "#8A4B50", "#6E5A4A", "#2B0F16"),
}
# Which palettes a family comes in: two on a light and two on a dark ground.
COLOR_RANGES = {
    "prints": (LIGHT_GROUNDS, DARK_GROUNDS),
    "suitings": (LIGHT_SUITINGS, DARK_SUITINGS),
    "shirtings": (LIGHT_SHIRTINGS, DARK_SHIRTINGS),
    "skins": (LIGHT_SKINS, DARK_SKINS),
    "fields": (LIGHT_FIELDS, DARK_FIELDS),
}
THREADS = ("R", "BK", "G", "B", "W", "Y", "AZ", "CR", "PU", "GY", "MN", "LG", "BR", "OR", "LV", "DB", "MA", "LIL")
TARTAN_RANGES = {
    "modern": "#B3202C #14161A #0B4D2C #1E2A5E #F1EDE4 #E3B21C #4F8FC0 #8E1230 #4E2360 #7D8287 "
    "#5E1224 #6E9E57 #5B3A1E #D96B1F #8E77B5 #141C3F #6B1230 #A487BE",
    "ancient": "#CF4B3E #2D2F33 #4E8B5B #5B83B5 #F3EFE4 #E6C14E #8DBBDB #B03A50 #7B5A96 #A3A7A6 "
    "#8A3A48 #9CBF86 #8A6A44 #E28B4B #AE9BCB #3A5283 #97465C #BFA8D3",
    "weathered": "#A2564A #41403C #707A56 #65727E #DDD3BF #BFA45C #93A4A9 #8C4C50 #6F5A70 #98958B "
    "#6E4147 #98A07A #76624A #B87F55 #9A8E9E #464F5C #784950 #A596A6",
    "muted": "#8F2F35 #26282B #3A5A43 #37476B #E3DCCB #C79B3B #6C90A8 #742538 #523A5E #83857F "
    "#552330 #75895E #5F4730 #B5653A #837596 #232C48 #62283A #95829F",
}
PALETTES: dict[str, tuple[str, ...]] = {
    **{name: colors for grounds in COLOR_RANGES.values() for palettes in grounds for name, colors in palettes.items()},
    **{name: tuple(colors.split()) for name, colors in TARTAN_RANGES.items()},
}
