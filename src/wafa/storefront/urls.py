"""Addresses of members' pages."""

from django.urls import path

from wafa.storefront.views.download import download_data
from wafa.storefront.views.enter import enter
from wafa.storefront.views.friend import show_friend
from wafa.storefront.views.friends import invite, show_friends
from wafa.storefront.views.give import give
from wafa.storefront.views.join import join
from wafa.storefront.views.leave import leave
from wafa.storefront.views.member import show_member, show_more_history
from wafa.storefront.views.profile import show_profile
from wafa.storefront.views.rewards import convert, give_back, redeem, show_rewards, show_voucher

app_name = "storefront"
urlpatterns = [
    path("<slug:slug>/", show_member, name="member"),
    path("<slug:slug>/history/", show_more_history, name="history"),
    path("<slug:slug>/enter/<str:token>", enter, name="enter"),
    path("<slug:slug>/give/", give, name="give"),
    path("<slug:slug>/data.json", download_data, name="data"),
    path("<slug:slug>/join/", join, name="join"),
    path("<slug:slug>/leave/", leave, name="leave"),
    path("<slug:slug>/profile/", show_profile, name="profile"),
    path("<slug:slug>/r/<str:code>/", show_friend, name="friend"),
    path("<slug:slug>/friends/", show_friends, name="friends"),
    path("<slug:slug>/friends/invite/", invite, name="invite"),
    path("<slug:slug>/rewards/", show_rewards, name="rewards"),
    path("<slug:slug>/rewards/<str:reward>/", redeem, name="redeem"),
    path("<slug:slug>/conversions/<str:conversion>/", convert, name="convert"),
    path("<slug:slug>/vouchers/<uuid:redemption>/", show_voucher, name="voucher"),
    path("<slug:slug>/vouchers/<uuid:redemption>/give-back/", give_back, name="give-back"),
]
