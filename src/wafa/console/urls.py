"""Addresses of the console."""

from django.urls import path

from wafa.console import (
    coupons,
    deliveries,
    export_members,
    goodwill,
    home,
    imports,
    member_deeds,
    members,
    outbox,
    program,
    programs,
    referrals,
    stores,
    timeline,
)

app_name = "console"
urlpatterns = [
    path("", programs.show_programs, name="programs"),
    path("<slug:slug>/", home.show_home, name="home"),
    path("<slug:slug>/members/", members.show_members, name="members"),
    path("<slug:slug>/members.csv", export_members.export_members, name="export-members"),
    path("<slug:slug>/members/<uuid:member_id>/", timeline.show_member, name="member"),
    path("<slug:slug>/members/<uuid:member_id>/goodwill/", goodwill.give, name="goodwill"),
    path("<slug:slug>/members/<uuid:member_id>/<slug:deed>/", member_deeds.change_member, name="member-deed"),
    path("<slug:slug>/coupons/", coupons.show_coupons, name="coupons"),
    path("<slug:slug>/coupons/<slug:campaign>/", coupons.show_campaign, name="campaign"),
    path("<slug:slug>/coupons/<slug:campaign>.csv", coupons.export_codes, name="export-codes"),
    path("<slug:slug>/deliveries/", deliveries.show_deliveries, name="deliveries"),
    path("<slug:slug>/deliveries/replay/", deliveries.replay_parked, name="replay-parked"),
    path("<slug:slug>/deliveries/<uuid:delivery_id>/", deliveries.show_delivery, name="delivery"),
    path("<slug:slug>/deliveries/<uuid:delivery_id>/replay/", deliveries.replay, name="replay"),
    path("<slug:slug>/outbox/", outbox.show_outbox, name="outbox"),
    path("<slug:slug>/outbox/<uuid:command_id>/retry/", outbox.retry, name="retry"),
    path("<slug:slug>/referrals/", referrals.show_referrals, name="referrals"),
    path("<slug:slug>/referrals/<uuid:referral_id>/", referrals.show_referral, name="referral"),
    path("<slug:slug>/referrals/<uuid:referral_id>/rule/", referrals.rule, name="rule-referral"),
    path("<slug:slug>/imports/", imports.show_imports, name="imports"),
    path("<slug:slug>/imports/keep/", imports.keep, name="keep-import"),
    path("<slug:slug>/imports/<uuid:import_id>/", imports.show_import, name="import"),
    path("<slug:slug>/imports/<uuid:import_id>/change/", imports.change, name="change-import"),
    path("<slug:slug>/imports/<uuid:import_id>/start/<slug:what>/", imports.start, name="start-import"),
    path("<slug:slug>/imports/<uuid:import_id>/refused.csv", imports.export_refused, name="refused-rows"),
    path("<slug:slug>/stores/", stores.show_stores, name="stores"),
    path("<slug:slug>/program/", program.show_program, name="program"),
    path("<slug:slug>/program/<int:number>/", program.show_version, name="version"),
]
