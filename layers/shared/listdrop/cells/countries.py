"""Finds a country's code from the names that people write into a country column."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from listdrop.cells.headers import fold

_NAMES = """
AE: ARE, United Arab Emirates, UAE, Emirates, Vereinigte Arabische Emirate, الإمارات
AR: ARG, Argentina, Argentinien, Argentine
AT: AUT, Austria, Österreich, Autriche, Áustria, Oostenrijk, Rakousko, Ausztria
AU: AUS, Australia, Australien, Australie, Austrália
BE: BEL, Belgium, Belgien, Belgique, België, Bélgica, Belgio
BG: BGR, Bulgaria, Bulgarien, Bulgarie, България
BR: BRA, Brazil, Brasilien, Brésil, Brasil, Brasile, Brazilië
CA: CAN, Canada, Kanada, Canadá
CH: CHE, Switzerland, Schweiz, Die Schweiz, Suisse, Suiza, Svizzera, Zwitserland, Szwajcaria
CL: CHL, Chile, Chili, Cile
CN: CHN, China, Chine, Cina, People's Republic of China, 中国, 中國
CO: COL, Colombia, Kolumbien, Colombie
CZ: CZE, Czech Republic, Czechia, Tschechien, Tchéquie, Česko, Česká republika, Chequia, Tsjechië
DE: DEU, Germany, Deutschland, Allemagne, Alemania, Germania, Alemanha, Duitsland, Niemcy, Tyskland, Saksa, Německo, Németország, Almanya, Германия, Німеччина, ドイツ, 德国, 독일, ألمانيا
DK: DNK, Denmark, Dänemark, Danemark, Dinamarca, Danimarca, Denemarken, Danmark, Dania, Tanska
EE: EST, Estonia, Estland, Eesti, Estonie
EG: EGY, Egypt, Ägypten, Égypte, Egipto, مصر
ES: ESP, Spain, Spanien, Espagne, España, Spagna, Espanha, Spanje, Hiszpania, Espanja, Španělsko, Испания, Іспанія
FI: FIN, Finland, Finnland, Finlande, Finlandia, Suomi
FR: FRA, France, Frankreich, Francia, França, Frankrijk, Francja, Frankrike, Frankrig, Ranska, Francie, Franciaország, Franța, Fransa, Франция, Франція, フランス, 法国, 프랑스, فرنسا
GB: GBR, UK, U.K., United Kingdom, Great Britain, England, Scotland, Wales, Northern Ireland, Vereinigtes Königreich, Großbritannien, Royaume-Uni, Reino Unido, Regno Unito, Verenigd Koninkrijk, Wielka Brytania, Storbritannien, Storbritannia, Iso-Britannia, Spojené království, Egyesült Királyság, Marea Britanie, Birleşik Krallık, Великобритания, Велика Британія, イギリス, 英国, 영국
GR: GRC, Greece, Griechenland, Grèce, Grecia, Ελλάδα
HK: HKG, Hong Kong, Hongkong, 香港
HR: HRV, Croatia, Kroatien, Croatie, Hrvatska
HU: HUN, Hungary, Ungarn, Hongrie, Hungría, Ungheria, Hongarije, Węgry, Magyarország
ID: IDN, Indonesia, Indonesien, Indonésie
IE: IRL, Ireland, Irland, Irlande, Irlanda, Ierland, Éire, Republic of Ireland
IL: ISR, Israel, Israël, Israele
IN: IND, India, Indien, Inde, Índia
IT: ITA, Italy, Italien, Italie, Italia, Itália, Italië, Włochy, Itálie, Olaszország, İtalya, Италия, Італія
JP: JPN, Japan, Japon, Japón, Giappone, Japão, Japonia, 日本
KR: KOR, South Korea, Korea, Republic of Korea, Südkorea, Corée du Sud, Corea del Sur, 대한민국, 한국
LT: LTU, Lithuania, Litauen, Lituanie, Lietuva
LU: LUX, Luxembourg, Luxemburg, Luxemburgo, Lussemburgo
LV: LVA, Latvia, Lettland, Lettonie, Latvija
MA: MAR, Morocco, Marokko, Maroc, Marruecos, المغرب
MX: MEX, Mexico, Mexiko, Mexique, México, Messico
MY: MYS, Malaysia, Malaisie, Malasia
NG: NGA, Nigeria, Nigéria
NL: NLD, Netherlands, The Netherlands, Niederlande, Die Niederlande, Holland, Pays-Bas, Países Bajos, Paesi Bassi, Nederland, Holandia, Nederländerna, Nederlandene, Alankomaat, Nizozemsko, Hollandia, Hollanda
NO: NOR, Norway, Norwegen, Norvège, Noruega, Norvegia, Noorwegen, Norwegia, Norge, Norja
NZ: NZL, New Zealand, Neuseeland, Nouvelle-Zélande, Nueva Zelanda
PE: PER, Peru, Perú, Pérou
PH: PHL, Philippines, Philippinen, Filipinas
PL: POL, Poland, Polen, Pologne, Polonia, Polônia, Polska, Polsko, Puola, Lengyelország, Polonya, Польша, Польща
PT: PRT, Portugal, Portogallo, Portugalia
RO: ROU, Romania, Rumänien, Roumanie, Rumania, România, Roemenië, Rumunia
RS: SRB, Serbia, Serbien, Serbie, Srbija
RU: RUS, Russia, Russland, Russie, Rusia, Россия, Russian Federation
SA: SAU, Saudi Arabia, Saudi-Arabien, Arabie saoudite, السعودية
SE: SWE, Sweden, Schweden, Suède, Suecia, Svezia, Suécia, Zweden, Szwecja, Sverige, Ruotsi
SG: SGP, Singapore, Singapur, Singapour
SI: SVN, Slovenia, Slowenien, Slovénie, Slovenija
SK: SVK, Slovakia, Slowakei, Slovaquie, Slovensko
TH: THA, Thailand, Thaïlande, Tailandia
TR: TUR, Turkey, Türkei, Turquie, Turquía, Turchia, Türkiye, Turkije
TW: TWN, Taiwan, Taïwan, 台灣, 台湾
UA: UKR, Ukraine, Ucrania, Ucraina, Україна, Украина, Ukraina
US: USA, U.S., U.S.A., United States, United States of America, Vereinigte Staaten, Vereinigte Staaten von Amerika, États-Unis, Estados Unidos, Stati Uniti, Verenigde Staten, Stany Zjednoczone, Förenta staterna, Yhdysvallat, Spojené státy, Egyesült Államok, Statele Unite, Amerika Birleşik Devletleri, США, アメリカ, 美国, 미국
VN: VNM, Vietnam, Viet Nam, Viêt Nam
ZA: ZAF, South Africa, Südafrika, Afrique du Sud, Sudáfrica
"""  # noqa: E501, RUF001 # a line for each country, in its own letters


@cache
def _codes() -> Mapping[str, str]:
    codes: dict[str, str] = {}
    for line in _NAMES.strip().splitlines():
        code, _, names = line.partition(":")
        for name in names.split(","):
            codes[fold(name)] = code
    return codes


def country_code(text: str) -> str:
    """Return the ISO code of a country, in capitals; empty if it is not known.

    Any two capital letters count as a code. The caller must check whether it exists.
    """
    value = text.strip()
    if len(value) == 2 and value.isascii() and value.isupper() and value != "UK":
        return value
    return _codes().get(fold(value), "")
